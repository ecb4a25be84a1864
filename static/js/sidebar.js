// Hides and shows the conversations on a wide page, and keeps the open one in sight.
const YEAR = 60 * 60 * 24 * 365;

document.addEventListener("click", ({ target }) => {
  if (!target.closest("[data-toggle-sidebar]")) return;
  const root = document.documentElement;
  root.dataset.sidebar = root.dataset.sidebar === "closed" ? "open" : "closed";
  document.cookie = `sidebar=${root.dataset.sidebar}; path=/; max-age=${YEAR}; samesite=lax`;
  [...document.querySelectorAll("[data-toggle-sidebar]")].find((button) => button.checkVisibility())?.focus();
});

const list = document.getElementById("conversations");
const current = list?.querySelector("[aria-current]");
if (current && current.offsetTop > list.clientHeight) list.scrollTop = current.offsetTop - list.clientHeight / 2;
