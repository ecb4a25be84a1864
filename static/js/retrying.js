// One list of models serves the retry of every answer: the button that opens it says of which.
const menu = document.getElementById("retry-with");

if (menu) {
  document.addEventListener("click", ({ target }) => {
    const opener = target.closest("[data-retry-with]");
    if (opener) menu.dataset.message = opener.dataset.retryWith;
  }, { capture: true });

  menu.addEventListener("htmx:before:ws:request", ({ target, detail: { body } }) => {
    body.message = menu.dataset.message;
    body.model = target.dataset.model;
  }, { capture: true });
}
