// Opens dialogs: those on the page by a button, those that the server sends at once.
// One that took the place of another leaves the focus to nothing: it goes back to where it was before both.
let before = null;

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

document.addEventListener("focusin", ({ target }) => {
  if (!target.closest("dialog")) before = target;
});

document.addEventListener("close", ({ target }) => {
  const focused = document.activeElement;
  if (focused === document.body || target.contains(focused)) before?.focus();
}, { capture: true });
