// Enter sends what is in the message box. Where a finger writes, it is the only way to a new line.
const coarse = matchMedia("(pointer: coarse)");
const OF_INPUT_METHOD = 229;  // In Safari the Enter that takes a proposed word comes when the composing is over.

document.getElementById("text")?.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === OF_INPUT_METHOD) return;
  if (coarse.matches && !event.ctrlKey && !event.metaKey) return;
  event.preventDefault();
  event.target.form.requestSubmit();
});
