// A file on its way to the server says so; a dialog whose form begins a download goes.
// It can be sent again when the browser was stopped, of which a page hears nothing.
const PATIENCE = 5000;

function tell(form, isSending) {
  form.querySelector("[role=status]").hidden = !isSending;
  form.querySelector("button").disabled = isSending;
}

document.addEventListener("submit", ({ target }) => {
  if (target.matches("[data-uploads]")) {
    tell(target, true);
    setTimeout(() => (target.querySelector("button").disabled = false), PATIENCE);
  }
  if (target.matches("[data-closes]")) target.closest("dialog").close();
});

document.addEventListener("change", ({ target }) => {
  const form = target.closest("[data-uploads]");
  if (form) tell(form, false);
});

addEventListener("pageshow", ({ persisted }) => {
  for (const form of document.querySelectorAll("[data-uploads]")) if (persisted) tell(form, false);
});
