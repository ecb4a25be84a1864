// An edit that is not sent yet survives a reload, beside the draft that waits for its end.
const key = `edit:${location.pathname}`;
const form = document.getElementById("composer-form");
const text = document.getElementById("text");
const instead = form?.elements.instead_of;
const turn = form?.elements.turn_id;

function keep() {
  if (instead.disabled) return sessionStorage.removeItem(key);
  write({ message: instead.value, text: text.value, turn: turn.value });
}

function write(edit) {
  try {
    sessionStorage.setItem(key, JSON.stringify(edit));
    return true;
  } catch {
    return false;  // There is no room left: what was kept before is better than nothing.
  }
}

function resume(edit) {
  if (document.querySelector(`article[data-turn="${edit.turn}"]`)) return;
  const button = document.querySelector(`article[data-message="${edit.message}"] [data-edit]`);
  if (!button && !edit.isSought) return seek(edit);
  button?.click();
  if (instead.disabled && text.value) return;
  turn.value = edit.turn;
  text.value = edit.text;
  text.dispatchEvent(new Event("input", { bubbles: true }));
}

// Its question can stand further up than the page begins. If it is gone, the edit is a draft.
function seek(edit) {
  if (write({ ...edit, isSought: true })) location.replace(`?at=${edit.message}`);
}

if (instead) {
  const kept = JSON.parse(sessionStorage.getItem(key) ?? "null");
  text.addEventListener("input", keep);
  form.addEventListener("turn:accepted", keep);
  if (kept) addEventListener("DOMContentLoaded", () => resume(kept), { once: true });
}
