// Files that are pasted, or dropped anywhere on the page, are attached as if they had been chosen.
const text = document.getElementById("text");
const input = document.getElementById("attach")?.elements.files;
const hasFiles = (transfer) => transfer?.types.includes("Files");
const show = (isOver) => document.documentElement.toggleAttribute("data-dropping", isOver);

function attach(files) {
  if (text.disabled) return;
  input.files = files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

if (input) {
  document.addEventListener("paste", (event) => {
    const { clipboardData } = event;
    // A table or a page is copied as a picture of itself too, but meant is its text.
    if (!clipboardData?.files.length || clipboardData.types.includes("text/plain")) return;
    event.preventDefault();
    attach(clipboardData.files);
  });

  document.addEventListener("dragover", (event) => {
    if (!hasFiles(event.dataTransfer)) return;
    event.preventDefault();
    show(!text.disabled);
  });

  document.addEventListener("dragleave", ({ relatedTarget }) => relatedTarget || show(false));

  document.addEventListener("drop", (event) => {
    show(false);
    if (!hasFiles(event.dataTransfer)) return;
    event.preventDefault();
    attach(event.dataTransfer.files);
  });
}
