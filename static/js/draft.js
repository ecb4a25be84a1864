// What is written or attached and not sent yet survives a reload, together with the id of its turn.
const NEW_CHAT = "draft:/";
const key = `draft:${location.pathname}`;
const form = document.getElementById("composer-form");
const text = document.getElementById("text");
const list = document.getElementById("composer-attachments");
const attachments = () => [...list.querySelectorAll("[name=attachments]")].map(({ value }) => value);

function read(name) {
  const draft = JSON.parse(sessionStorage.getItem(name) ?? "null");
  const isSent = draft && document.querySelector(`article[data-turn="${draft.turn}"]`);
  if (isSent) sessionStorage.removeItem(name);
  return isSent ? null : draft;
}

function keep() {
  const draft = { text: text.value, turn: form.elements.turn_id.value, attachments: attachments() };
  if (draft.text || draft.attachments.length) sessionStorage.setItem(key, JSON.stringify(draft));
  else sessionStorage.removeItem(key);
}

function attach(given) {
  const query = new URLSearchParams(given.map((each) => ["attachments", each]));
  form.dispatchEvent(new CustomEvent("attachments:show", { detail: query }));
}

if (text) {
  read(NEW_CHAT);
  const draft = read(key);
  if (draft && !text.value) {
    text.value = draft.text;
    form.elements.turn_id.value = draft.turn;
    if (draft.attachments?.length && !list.childElementCount) attach(draft.attachments);
  }
  text.addEventListener("input", keep);
  new MutationObserver(keep).observe(list, { childList: true });
  form.addEventListener("turn:accepted", keep);
}
