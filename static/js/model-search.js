// Finds models while somebody writes. Enter takes nothing from the list of an earlier search: it waits for that of
// what is written.
const PAUSE = 150;
const search = document.querySelector("#model-picker [role=combobox]");
const list = document.getElementById("models");
let timer;
let asked = null;
let arriving = null;
let listed = null;
let isTaking = false;
const isStale = () => listed !== search.value;

function find() {
  clearTimeout(timer);
  if (asked !== search.value) search.dispatchEvent(new Event("models:search"));
}

function forget() {
  asked = null;
  listed = null;
  isTaking = false;
}

// Before it opens: a letter that is typed right after it did would be wiped out again.
document.getElementById("model-picker")?.addEventListener("beforetoggle", ({ newState }) => {
  isTaking = false;
  if (newState !== "open") return;
  search.value = "";
  if (isStale()) find();
});

search?.addEventListener("input", () => {
  isTaking = false;
  clearTimeout(timer);
  timer = setTimeout(find, PAUSE);
});

search?.addEventListener("htmx:config:request", () => (asked = search.value));
search?.addEventListener("htmx:before:swap", () => (arriving = asked));
search?.addEventListener("htmx:error", forget);
search?.addEventListener("htmx:response:error", forget);

search?.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.isComposing || !isStale()) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  isTaking = true;
  find();
}, { capture: true });

list?.addEventListener("htmx:after:settle", () => {
  listed = arriving;
  if (!isTaking || isStale()) return;
  isTaking = false;
  list.querySelector("[data-model]")?.click();
});
