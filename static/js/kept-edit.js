// An edit that is not sent yet survives a reload, beside the draft that waits for its end.
const key = `edit:${location.pathname}`;
const form = document.getElementById("composer-form");
const text = document.getElementById("text");
const instead = form?.elements.instead_of;
const turn = form?.elements.turn_id;

function keep() {
  if (instead.disabled) return sessionStorage.removeItem(key);
  const edit = { message: instead.value, text: text.value, turn: turn.value };
  try {
    sessionStorage.setItem(key, JSON.stringify(edit));
  } catch {
    // There is no room left: what was kept before is better than nothing.
  }
}

function resume(edit) {
  if (document.querySelector(`article[data-turn="${edit.turn}"]`)) return;
  document.querySelector(`article[data-message="${edit.message}"] [data-edit]`)?.click();
  if (instead.disabled) return;
  turn.value = edit.turn;
  text.value = edit.text;
  text.dispatchEvent(new Event("input", { bubbles: true }));
}

if (instead) {
  const kept = JSON.parse(sessionStorage.getItem(key) ?? "null");
  text.addEventListener("input", keep);
  form.addEventListener("turn:accepted", keep);
  if (kept) addEventListener("DOMContentLoaded", () => resume(kept), { once: true });
}
