// A first question can be sent again when the browser was stopped before its page came: the server makes one of both.
const PATIENCE = 5000;
const form = document.querySelector("#composer-form[method=post]");

let timer;

form?.addEventListener("submit", ({ defaultPrevented }) => {
  clearTimeout(timer);
  if (!defaultPrevented) timer = setTimeout(() => delete form.dataset.sending, PATIENCE);
});
