// The search of the page: opened by its link in the sidebar or by Ctrl K, left by Escape; arrows move among what was found.
const STEPS = { ArrowDown: 1, ArrowUp: -1 };
const dialog = document.getElementById("search");
const box = (dialog ?? document).querySelector(".search-box input");

function open(event) {
  if (!dialog) return;
  event.preventDefault();
  document.querySelector("#sidebar:popover-open")?.hidePopover();
  if (!dialog.open) dialog.showModal();
  box.select();
}

document.addEventListener("click", (event) => {
  const isPlain = !event.ctrlKey && !event.metaKey && !event.shiftKey;
  if (isPlain && event.target.closest("[data-search]")) open(event);
});

document.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  const isCommand = (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey;
  const isFree = !document.querySelector("dialog[open]:not(#search)");
  if (isCommand && isFree && event.key.toLowerCase() === "k") open(event);
  // A box with words in it would be emptied first.
  else if (event.key === "Escape" && dialog?.open) dialog.close();
  else if (event.key in STEPS && event.target.matches(".search-box input, .hit")) move(event);
});

function move(event) {
  const places = [box, ...document.querySelectorAll(".hit")].filter((each) => each?.checkVisibility());
  const next = places[places.indexOf(event.target) + STEPS[event.key]];
  event.preventDefault();
  next?.focus();
}
