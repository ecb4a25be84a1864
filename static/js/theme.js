// The choice is a cookie, so that the next page comes in the right colours and never flashes.
const YEAR = 60 * 60 * 24 * 365;

document.addEventListener("change", ({ target }) => {
  if (target.name !== "theme") return;
  document.documentElement.dataset.theme = target.value;
  document.cookie = `theme=${target.value}; path=/; max-age=${YEAR}; samesite=lax`;
});
