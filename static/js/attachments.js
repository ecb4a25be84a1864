// Files are uploaded as soon as they are chosen; what is sent before they are there waits for them.
const composer = document.getElementById("composer");
const form = document.getElementById("composer-form");
const list = document.getElementById("composer-attachments");
const upload = document.getElementById("attach");
const notice = document.getElementById("composer-notice");
let coming = 0;
let waiting = null;

function count(change) {
  coming += change;
  composer.toggleAttribute("data-uploading", coming > 0);
  if (coming || !waiting) return;
  const { submitter } = waiting;
  waiting = null;
  if (!notice.hasChildNodes()) form.requestSubmit(submitter);
}

// `coming` in the list says what is on its way to it.
async function show(query) {
  list.replaceChildren();
  list.dataset.coming = query;
  if (!query && !coming) return;
  if (!globalThis.htmx) await new Promise((resolve) => addEventListener("DOMContentLoaded", resolve, { once: true }));
  count(1);
  await htmx.ajax("GET", `${upload.getAttribute("hx-post")}?${query}`, { target: list, swap: "innerHTML" });
  if (list.dataset.coming === String(query)) list.dataset.coming = "";
  if (query && !list.childElementCount) waiting = null;
  count(-1);
}

function cancel() {
  waiting = null;
  upload.dispatchEvent(new Event("htmx:abort"));
  form.elements.text.focus();
}

if (upload) {
  upload.addEventListener("htmx:config:request", () => {
    count(1);
    upload.reset();  // The request has them: the same file can be chosen again.
  });
  upload.addEventListener("htmx:error", () => (waiting = null));
  upload.addEventListener("htmx:response:error", () => (waiting = null));
  upload.addEventListener("htmx:finally:request", () => count(-1));

  form.addEventListener("submit", (event) => {
    if (!coming) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    waiting = { submitter: event.submitter };
  }, { capture: true });

  form.addEventListener("turn:accepted", () => list.replaceChildren());
  form.addEventListener("attachments:show", ({ detail }) => show(detail));

  document.addEventListener("click", ({ target }) => {
    if (target.closest("[data-attach]")) upload.elements.files.click();
    target.closest("[data-take-off]")?.closest("li").remove();
    if (target.closest("[data-cancel-upload]")) cancel();
  });
}
