// What takes the place of its last request shows the answer to its last one only. htmx aborts just one before it:
// when that has ended, htmx takes none for running, though the next one is, and its answer may come after a newer one.
const latest = new WeakMap();

document.addEventListener("htmx:config:request", ({ detail: { ctx } }) => latest.set(ctx.sourceElement, ctx));

document.addEventListener("htmx:before:swap", (event) => {
  const { ctx } = event.detail;
  const isReplacing = ctx.sourceElement?.closest("[hx-sync]")?.getAttribute("hx-sync").endsWith(":replace");
  if (isReplacing && latest.get(ctx.sourceElement) !== ctx) event.preventDefault();
});
