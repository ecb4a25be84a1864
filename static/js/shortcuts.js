const composer = document.getElementById("text");

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.defaultPrevented || document.querySelector("dialog[open]")) return;
  const isTyping = event.target.matches("input, textarea, select, [contenteditable]");
  const isCommand = event.ctrlKey || event.metaKey;
  if (isCommand && event.shiftKey && event.key.toLowerCase() === "o") act(event, () => location.assign("/"));
  else if (event.shiftKey && event.key === "Escape") act(event, () => composer?.focus());
  else if (isTyping || isCommand || event.altKey) return;
  else if (event.key === "/") act(event, () => composer?.focus());
  else if (event.key === "?") act(event, () => document.getElementById("shortcuts")?.showModal());
});

function act(event, action) {
  event.preventDefault();
  action();
}
