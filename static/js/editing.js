// Loads a question into the message box to be asked anew. What was there before is back when that is over.
const form = document.getElementById("composer-form");
const text = document.getElementById("text");
const chip = document.getElementById("composer-editing");
const list = document.getElementById("composer-attachments");
const instead = form?.elements.instead_of;
const attach = (query) => form.dispatchEvent(new CustomEvent("attachments:show", { detail: query }));
let draft = null;

function edit(article) {
  draft ??= { text: text.value, attachments: attached() };
  instead.disabled = false;
  instead.value = article.dataset.message;
  chip.hidden = false;
  fill(article.querySelector(".message__said")?.textContent ?? "");
  attach(article.querySelector("[data-attachment]") ? new URLSearchParams({ message: article.dataset.message }) : "");
}

function end() {
  instead.disabled = true;
  chip.hidden = true;
}

function attached() {
  const names = [...list.querySelectorAll("[name=attachments]")].map(({ value }) => ["attachments", value]);
  return names.length ? new URLSearchParams(names) : list.dataset.coming ?? "";
}

function restore() {
  const { text: before, attachments } = draft;
  draft = null;
  fill(before);
  attach(attachments);
}

// What was written while the edit was on its way is newer.
function accepted() {
  end();
  if (draft && !text.value && (draft.text || draft.attachments)) restore();
  draft = null;
  form.dispatchEvent(new Event("draft:changed", { bubbles: true }));
}

// What waited to be sent is in the box no more.
function fill(value) {
  delete form.dataset.sending;
  text.value = value;
  text.dispatchEvent(new Event("input", { bubbles: true }));
  text.focus();
  text.setSelectionRange(value.length, value.length);
}

if (instead) {
  document.addEventListener("click", ({ target }) => {
    if (target.closest("[data-edit]")) edit(target.closest("article"));
    if (!target.closest("[data-cancel-edit]")) return;
    end();
    restore();
  });

  form.addEventListener("turn:accepted", accepted);
}
