// A file that the server would refuse is not sent there at all.
const upload = document.getElementById("attach");
const notice = document.getElementById("composer-notice");

function refuse(file) {
  const words = document.getElementById("too-large").content.cloneNode(true);
  words.querySelector("[data-name]").textContent = file.name;
  notice.append(words);
}

upload?.addEventListener("change", (event) => {
  const input = upload.elements.files;
  const kept = new DataTransfer();
  notice.replaceChildren();
  for (const file of input.files) {
    if (file.size <= Number(upload.dataset.largest)) kept.items.add(file);
    else refuse(file);
  }
  input.files = kept.files;
  if (!kept.files.length) event.stopImmediatePropagation();
}, { capture: true });
