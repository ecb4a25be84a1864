// What is written or attached and not sent yet survives a reload, together with the id of its turn. The browser
// itself keeps nothing of it: it would bring back what was sent.
const NEW_CHAT = "draft:/";
const key = `draft:${location.pathname}`;
const form = document.getElementById("composer-form");
const text = document.getElementById("text");
const list = document.getElementById("composer-attachments");
let coming = [];
const shown = () => [...list.querySelectorAll("[name=attachments]")].map(({ value }) => value);
const attachments = () => (list.childElementCount ? shown() : coming);

function read(name) {
  const draft = JSON.parse(sessionStorage.getItem(name) ?? "null");
  const sent = draft && document.querySelector(`article[data-turn="${draft.turn}"]`);
  if (!sent) return draft;
  const said = sent.querySelector(".message__said")?.textContent ?? "";
  if (said.trim() !== draft.text.trim()) return write(name, { text: draft.text });
  sessionStorage.removeItem(name);
  return null;
}

function write(name, draft) {
  try {
    sessionStorage.setItem(name, JSON.stringify(draft));
  } catch {
    // There is no room left: what was kept before is better than nothing.
  }
  return draft;
}

function keep() {
  if (form.elements.instead_of?.disabled === false) return;
  const draft = { text: text.value, turn: form.elements.turn_id.value, attachments: attachments() };
  if (draft.text || draft.attachments.length) write(key, draft);
  else sessionStorage.removeItem(key);
}

function keepShown() {
  coming = [];
  keep();
}

function attach(given) {
  coming = given;
  const query = new URLSearchParams(given.map((each) => ["attachments", each]));
  form.dispatchEvent(new CustomEvent("attachments:show", { detail: query }));
}

// A page that comes back from the browser's memory has in its box still what was sent from it.
function comeBack() {
  const draft = read(key);
  if (!draft?.turn) form.elements.turn_id.value = crypto.randomUUID();
  if (draft) return;
  text.value = "";
  list.replaceChildren();
}

if (text) {
  read(NEW_CHAT);
  const draft = read(key);
  if (draft && !text.value) {
    text.value = draft.text;
    form.elements.turn_id.value = draft.turn ?? form.elements.turn_id.value;
    if (draft.attachments?.length && !list.childElementCount) attach(draft.attachments);
  }
  if (text.value) keep();
  text.addEventListener("input", keep);
  new MutationObserver(keepShown).observe(list, { childList: true });
  form.addEventListener("turn:accepted", keepShown);
  form.addEventListener("draft:changed", keep);
  addEventListener("pageshow", ({ persisted }) => persisted && form.method === "post" && comeBack());
}
