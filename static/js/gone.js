// The second of two clicks asks for nothing any more when the answer to the first has taken its button away.
document.addEventListener("htmx:before:request", (event) => {
  if (!event.detail.ctx.sourceElement.isConnected) event.preventDefault();
});
