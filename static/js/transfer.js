// A file on its way to the server says so; a dialog whose form begins a download goes.
document.addEventListener("submit", ({ target }) => {
  if (target.matches("[data-uploads]")) {
    target.querySelector("[role=status]").hidden = false;
    target.querySelector("button").disabled = true;
  }
  if (target.matches("[data-closes]")) target.closest("dialog").close();
});
