// Enter sends what is in the message box. Where a finger writes, it is the only way to a new line.
const coarse = matchMedia("(pointer: coarse)");

document.getElementById("text")?.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  if (coarse.matches && !event.ctrlKey && !event.metaKey) return;
  event.preventDefault();
  event.target.form.requestSubmit();
});
