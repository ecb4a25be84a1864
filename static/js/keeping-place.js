// When the list of conversations is made anew, the focus stays with the conversation that had it, or in its place.
const list = document.getElementById("conversations");
const dialogs = document.getElementById("dialogs");
let place = null;

function remember({ target }) {
  if (dialogs?.contains(target)) return;
  const row = target.closest("#conversations .conversation");
  place = row && { id: row.id, index: rows().indexOf(row) };
}

function rows() {
  return [...list.querySelectorAll(".conversation")].filter((row) => row.checkVisibility());
}

function restore() {
  if (!place || document.activeElement !== document.body) return;
  const shown = rows();
  const row = shown.find(({ id }) => id === place.id) ?? shown.at(Math.min(place.index, shown.length - 1));
  (row?.querySelector("a") ?? document.querySelector(".sidebar a"))?.focus();
}

if (list) {
  for (const event of ["focusin", "pointerdown"]) document.addEventListener(event, remember);
  const watch = new MutationObserver(() => setTimeout(restore));
  for (const each of [list, dialogs]) if (each) watch.observe(each, { childList: true });
}
