// What is written and not sent yet survives a reload, together with the id of its turn.
const NEW_CHAT = "draft:/";
const key = `draft:${location.pathname}`;
const form = document.getElementById("composer-form");
const text = document.getElementById("text");

function read(name) {
  const draft = JSON.parse(sessionStorage.getItem(name) ?? "null");
  const isSent = draft && document.querySelector(`article[data-turn="${draft.turn}"]`);
  if (isSent) sessionStorage.removeItem(name);
  return isSent ? null : draft;
}

function keep() {
  if (!text.value) sessionStorage.removeItem(key);
  else sessionStorage.setItem(key, JSON.stringify({ text: text.value, turn: form.elements.turn_id.value }));
}

if (text) {
  read(NEW_CHAT);
  const draft = read(key);
  if (draft && !text.value) {
    text.value = draft.text;
    form.elements.turn_id.value = draft.turn;
  }
  text.addEventListener("input", keep);
  form.addEventListener("turn:accepted", keep);
}
