// A title is edited where it stands: Enter or leaving it saves, Escape leaves it as it was.
const isInSidebar = (input) => input.closest(".conversation__rename");

document.addEventListener("focusin", ({ target }) => {
  if (target.matches("[data-inline-edit]")) target.select();
});

document.addEventListener("keydown", (event) => {
  const input = event.target;
  if (event.key !== "Escape" || !input.matches("[data-inline-edit]")) return;
  event.preventDefault();
  input.value = input.defaultValue;
  leave(input);
});

document.addEventListener("focusout", ({ target }) => {
  if (!target.matches("[data-inline-edit]") || !isInSidebar(target)) return;
  if (target.value === target.defaultValue) target.form?.remove();
  else target.form?.requestSubmit();
});

document.addEventListener("submit", ({ target }) => {
  const input = target.querySelector("[data-inline-edit]");
  if (input && input.value === input.defaultValue) leave(input);
});

function leave(input) {
  const conversation = isInSidebar(input)?.parentElement;
  input.blur();
  conversation?.querySelector("a").focus();
}
