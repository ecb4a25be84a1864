// A first question can be sent again when the browser was stopped before its page came: the server makes one of both.
const PATIENCE = 5000;
const form = document.querySelector("#composer-form[method=post]");

form?.addEventListener("submit", () => setTimeout(() => delete form.dataset.sending, PATIENCE));
