// Up in an empty message box edits the last question, Escape ends that: as the buttons do.
const text = document.getElementById("text");

function button({ key, shiftKey }) {
  const isEmpty = !text.value && !text.form.elements.attachments;
  if (key === "ArrowUp" && isEmpty) return [...document.querySelectorAll("article [data-edit]")].at(-1);
  if (key === "Escape" && !shiftKey) return document.querySelector("#composer-editing:not([hidden]) [data-cancel-edit]");
}

text?.addEventListener("keydown", (event) => {
  const pressed = button(event);
  if (!pressed || event.isComposing) return;
  event.preventDefault();
  pressed.click();
});
