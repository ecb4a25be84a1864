// A search box that keeps the rows of a long list which hold every word of it; without scripts the list is whole.
const box = document.querySelector("[data-filters]");
const list = document.getElementById(box?.dataset.filters);

function filter() {
  const words = box.value.toLowerCase().split(/\s+/);
  for (const row of list.children) row.hidden = !words.every((word) => row.dataset.text.includes(word));
  document.getElementById(`${list.id}-nothing`).hidden = [...list.children].some((row) => !row.hidden);
}

if (list) {
  box.parentElement.hidden = false;
  box.addEventListener("input", filter);
  // Enter in a search box sends its form, which would be too early here.
  box.addEventListener("keydown", (event) => event.key === "Enter" && event.preventDefault());
}
