// Opens dialogs: those on the page by a button, those that the server sends at once.
document.addEventListener("click", ({ target }) => {
  const opener = target.closest("[data-opens]");
  if (opener) document.getElementById(opener.dataset.opens).showModal();
  if (target.closest("[data-close]")) target.closest("dialog").close();
});

document.addEventListener("htmx:after:process", ({ target }) => {
  if (!target.matches("dialog[data-shown]")) return;
  target.showModal();
  target.querySelector("[aria-invalid=true]")?.focus();
});
