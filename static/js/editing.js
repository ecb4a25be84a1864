// Loads a question into the message box to be asked anew: by its button, or by Up in an empty box.
const form = document.getElementById("composer-form");
const text = document.getElementById("text");
const chip = document.getElementById("composer-editing");
const instead = form?.elements.instead_of;

function edit(article) {
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

function attach(query) {
  form.dispatchEvent(new CustomEvent("attachments:show", { detail: query }));
}

function cancel() {
  end();
  fill("");
  attach("");
}

function fill(value) {
  text.value = value;
  text.dispatchEvent(new Event("input", { bubbles: true }));
  text.focus();
  text.setSelectionRange(value.length, value.length);
}

if (instead) {
  document.addEventListener("click", ({ target }) => {
    if (target.closest("[data-edit]")) edit(target.closest("article"));
    else if (target.closest("[data-cancel-edit]")) cancel();
  });

  text.addEventListener("keydown", (event) => {
    const last = [...document.querySelectorAll("article[data-role=user]")].at(-1);
    if (event.key === "ArrowUp" && !text.value && !form.elements.attachments && last) edit(last);
    else if (event.key === "Escape" && !event.shiftKey && !instead.disabled) cancel();
    else return;
    event.preventDefault();
  });

  form.addEventListener("turn:accepted", end);
}
