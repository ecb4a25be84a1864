// Has the server say what the chosen model cannot take, whenever a file comes or goes or another model is chosen.
const note = document.getElementById("composer-takes");
const list = document.getElementById("composer-attachments");
const ask = () => note.dispatchEvent(new Event("files:changed"));
const hasFiles = () => list.childElementCount > 0;

if (note) {
  new MutationObserver(ask).observe(list, { childList: true });
  document.addEventListener("model:chosen", () => hasFiles() && ask());
  if (hasFiles()) addEventListener("DOMContentLoaded", () => setTimeout(ask), { once: true });
}
