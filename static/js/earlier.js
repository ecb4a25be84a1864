// Keeps what the reader sees in its place when earlier messages come in above it.
let height = 0;
const root = document.documentElement;
const isEarlier = (element) => element?.matches?.("[data-earlier]");

document.addEventListener("htmx:before:swap", ({ detail }) => {
  if (isEarlier(detail.ctx.sourceElement)) height = root.scrollHeight - scrollY;
});

document.addEventListener("htmx:after:swap", ({ detail }) => {
  if (isEarlier(detail.ctx.sourceElement)) scrollTo({ top: root.scrollHeight - height, behavior: "instant" });
});
