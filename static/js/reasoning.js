// What the reader has opened stays open when its message comes anew; while a model thinks, seconds count.
const SECOND = 1000;

document.addEventListener("htmx:before:swap", ({ detail }) => {
  for (const { fragment } of detail.tasks) {
    for (const coming of fragment.querySelectorAll?.("details[id]") ?? []) {
      const there = document.getElementById(coming.id);
      if (there) coming.open = there.open;
    }
  }
});

function count(counter) {
  const message = counter.closest("article");
  const hasBegun = message.querySelector(".reasoning__text").textContent;
  if (!hasBegun || message.querySelector(".message__content").textContent) return;
  counter.began ??= performance.now() - Number(counter.dataset.counting) * SECOND;
  counter.textContent = `${Math.round((performance.now() - counter.began) / SECOND)} s`;
}

setInterval(() => document.querySelectorAll("[data-counting]").forEach(count), SECOND);
