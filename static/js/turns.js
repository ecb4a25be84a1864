// What goes out by a button in a message: a retry is a turn with an id of its own, with the model chosen now.
document.addEventListener("htmx:before:ws:request", ({ detail: { body } }) => {
  if (body.action !== "retry") return;
  body.turn_id ??= crypto.randomUUID();
  body.model ??= document.querySelector("#composer-form [name=model]").value;
});

// Of two clicks on one button only the first counts, until the server has answered.
document.addEventListener("click", (event) => {
  const button = event.target.closest(":is(article, #undo) [hx-ws\\:send]");
  if (!button) return;
  if (button.ariaDisabled) event.stopImmediatePropagation();
  button.ariaDisabled = true;
  setTimeout(() => (button.ariaDisabled = null), 2000);
}, { capture: true });
