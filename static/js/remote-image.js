// Loads a picture from elsewhere when the reader asks for it: until then nobody else learns of the visit.
document.addEventListener("click", (event) => {
  const button = event.target.closest("button.remote-image[data-src]");
  if (!button) return;
  event.preventDefault();  // It may stand in a link.
  const image = new Image();
  image.referrerPolicy = "no-referrer";
  image.alt = button.dataset.alt ?? button.textContent.trim();
  image.src = button.dataset.src;
  button.replaceWith(image);
});
