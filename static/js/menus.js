// A menu closes once something in it was chosen. Arrows move in it: Up and Down from its button too.
const STEPS = { ArrowDown: 1, ArrowUp: -1 };

document.addEventListener("click", ({ target }) => {
  target.closest(".menu__item")?.closest("[popover]")?.hidePopover();
});

document.addEventListener("keydown", (event) => {
  const menu = event.target.closest(".menu:popover-open") ?? event.target.popoverTargetElement;
  if (!menu?.matches(":popover-open")) return;
  const items = [...menu.querySelectorAll(":checked, .menu__item")];
  const next = place(event.key, items, items.indexOf(event.target));
  if (next === undefined) return;
  event.preventDefault();
  items.at(next).focus();
});

function place(key, items, current) {
  if (!items.length) return undefined;
  if (key === "Home") return 0;
  if (key === "End") return -1;
  if (!(key in STEPS)) return undefined;
  return current < 0 && key === "ArrowUp" ? -1 : (current + STEPS[key]) % items.length;
}
