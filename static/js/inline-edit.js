// A title is edited where it stands: Enter or leaving it saves, Escape leaves it as it was.
const isTitle = (element) => element.matches("[data-inline-edit]");

document.addEventListener("focusin", ({ target }) => {
  if (isTitle(target)) target.select();
});

document.addEventListener("keydown", (event) => {
  const input = event.target;
  if (!isTitle(input) || event.isComposing || !["Enter", "Escape"].includes(event.key)) return;
  event.preventDefault();
  if (event.key === "Escape") input.value = input.defaultValue;
  if (input.reportValidity()) leave(input);
});

document.addEventListener("focusout", ({ target }) => {
  if (!isTitle(target)) return;
  const isChanged = target.value !== target.defaultValue && target.checkValidity();
  if (isChanged) target.form.requestSubmit();
  else if (target.closest(".conversation__rename")) target.form.remove();
  else target.value = target.defaultValue;
});

// What is typed while an earlier text is saved stays, and the text that was saved is what Escape brings back.
document.addEventListener("htmx:before:swap", ({ detail: { tasks } }) => {
  const input = document.activeElement;
  const at = tasks.findIndex(({ target }) => target.matches(".title") && target.contains(input));
  if (at < 0) return;
  const [{ fragment }] = tasks.splice(at, 1);
  input.defaultValue = fragment.querySelector("[data-inline-edit]").defaultValue;
});

function leave(input) {
  const next = input.closest(".conversation")?.querySelector("a") ?? document.getElementById("text");
  input.blur();
  next?.focus();
}
