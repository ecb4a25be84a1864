// What is shared is the branch that this page shows: its last message goes along with the request.
document.addEventListener("htmx:config:request", ({ target, detail }) => {
  const last = document.querySelector("#messages > article:last-of-type");
  if (last && target.closest("[data-shares]")) detail.ctx.request.body.set("leaf", last.dataset.message);
});
