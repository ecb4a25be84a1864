// A menu closes once something in it was chosen.
document.addEventListener("click", ({ target }) => {
  target.closest(".menu__item")?.closest("[popover]")?.hidePopover();
});
