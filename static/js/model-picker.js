// The list of models is a listbox that the search box drives: arrows move, Enter takes, so does a click.
// Enter takes nothing from the list of an earlier search: it waits for that of what is written.
const PAUSE = 150;
const menu = document.getElementById("model-picker");
const search = menu?.querySelector("[role=combobox]");
const list = document.getElementById("models");
const field = document.querySelector("#composer-form [name=model]");
let timer;
let asked = null;
let listed = null;
let isTaking = false;
const isStale = () => listed !== search.value;
const options = () => [...list.querySelectorAll("[data-model]")];

function activate(option) {
  list.querySelector("[data-active]")?.removeAttribute("data-active");
  option?.setAttribute("data-active", "");
  option?.scrollIntoView({ block: "nearest" });
  search.setAttribute("aria-activedescendant", option?.id ?? "");
}

function mark() {
  for (const option of options()) option.ariaSelected = option.dataset.model === field.value;
}

function take(option) {
  field.value = option.dataset.model;
  field.dispatchEvent(new Event("model:chosen", { bubbles: true }));
  document.getElementById("model-name").textContent = option.dataset.name;
  document.getElementById("model-button").ariaLabel = `Model: ${option.dataset.name}`;
  document.querySelector("[data-instead]")?.remove();
  mark();
  menu.hidePopover();
  document.getElementById("text").focus();
}

function find() {
  clearTimeout(timer);
  search.dispatchEvent(new Event("models:search"));
}

function forget() {
  listed = null;
  isTaking = false;
}

function move(step) {
  const all = options();
  const place = all.findIndex((option) => option.matches("[data-active]"));
  activate(all[(place + step + all.length) % all.length]);
}

// Before it opens: a letter that is typed right after it did would be wiped out again.
menu?.addEventListener("beforetoggle", ({ newState }) => {
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
search?.addEventListener("htmx:error", forget);
search?.addEventListener("htmx:response:error", forget);

search?.addEventListener("keydown", (event) => {
  const active = list.querySelector("[data-active]");
  if (event.isComposing) return;
  if (event.key === "Enter" && isStale()) {
    isTaking = true;
    find();
  } else if (event.key === "ArrowDown") move(1);
  else if (event.key === "ArrowUp") move(-1);
  else if (event.key === "Enter" && active) take(active);
  else if (event.key !== "Enter") return;
  event.preventDefault();
});

list?.addEventListener("click", ({ target }) => {
  const option = target.closest("[data-model]");
  if (option) take(option);
});

list?.addEventListener("htmx:after:settle", () => {
  listed = asked;
  mark();
  const chosen = search.value ? null : list.querySelector("[aria-selected=true]");
  activate(chosen ?? options()[0]);
  if (!isTaking || isStale()) return;
  isTaking = false;
  if (options().length) take(options()[0]);
});
