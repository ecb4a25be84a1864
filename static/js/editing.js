// Loads a question into the message box to be asked anew: by its button, or by Up in an empty box.
const form = document.getElementById("composer-form");
const text = document.getElementById("text");
const chip = document.getElementById("composer-editing");
const instead = form?.elements.instead_of;

function edit(article) {
  instead.disabled = false;
  instead.value = article.dataset.message;
  chip.hidden = false;
  fill(article.querySelector(".message__said").textContent);
}

function end() {
  instead.disabled = true;
  chip.hidden = true;
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
    else if (target.closest("[data-cancel-edit]")) (end(), fill(""));
  });

  text.addEventListener("keydown", (event) => {
    const last = [...document.querySelectorAll("article[data-role=user]")].at(-1);
    if (event.key === "ArrowUp" && !text.value && last) edit(last);
    else if (event.key === "Escape" && !event.shiftKey && !instead.disabled) (end(), fill(""));
    else return;
    event.preventDefault();
  });

  form.addEventListener("turn:accepted", end);
}
