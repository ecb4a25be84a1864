// What takes the place of its last request shows the answer to its last one only, or its failure. Those before it are
// left to end: htmx reports one that it aborts as an error, and misses all but the one just before.
const latest = new WeakMap();
const isOvertaken = (ctx) => {
  const strategy = ctx.sourceElement?.getAttribute("hx-sync");
  return strategy?.endsWith(":replace") && latest.get(ctx.sourceElement) !== ctx;
};

document.addEventListener("htmx:config:request", ({ detail: { ctx } }) => {
  const { abort } = ctx.request;
  ctx.request.abort = () => isOvertaken(ctx) || abort();
  latest.set(ctx.sourceElement, ctx);
});

document.addEventListener("htmx:before:swap", (event) => {
  if (isOvertaken(event.detail.ctx)) event.preventDefault();
});

for (const failure of ["htmx:error", "htmx:response:error"]) {
  document.addEventListener(failure, (event) => {
    if (event.detail.ctx && isOvertaken(event.detail.ctx)) event.stopImmediatePropagation();
  }, { capture: true });
}
