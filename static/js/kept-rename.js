// A title that is edited in the list of conversations is edited on in the list that takes its place.
let isMoving = false;
let edited = null;

function move(form, place) {
  const input = form.elements.title;
  const { selectionStart: start, selectionEnd: end } = input;
  if (document.activeElement === input) edited = { input, start, end };
  input.autofocus = false;  // htmx would choose all of it.
  isMoving = true;
  place.append(form);
  isMoving = false;
}

document.addEventListener("htmx:before:swap", ({ detail: { tasks } }) => {
  const form = document.querySelector(".conversation__rename");
  const row = form?.parentElement;
  const task = tasks.find(({ target }) => target !== row && target.contains(form));
  const place = task?.fragment.querySelector(`#${CSS.escape(row.id)}`);
  if (place) move(form, place);
});

document.addEventListener("htmx:before:settle", () => {
  if (!edited?.input.isConnected) return;
  const { input, start, end } = edited;
  edited = null;
  input.focus();
  input.setSelectionRange(start, end);
});

// Chromium says that the title is left, which would save it.
document.addEventListener("focusout", (event) => isMoving && event.stopImmediatePropagation(), { capture: true });
