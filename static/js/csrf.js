// Whoever signs in anew in another tab has another token from then on. The cookie has it, this page does not.
const token = () => document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1];

document.addEventListener("htmx:config:request", ({ detail: { ctx } }) => {
  const { headers } = ctx.request;
  if ("X-CSRFToken" in headers) headers["X-CSRFToken"] = token() ?? headers["X-CSRFToken"];
});

document.addEventListener("submit", ({ target }) => {
  const field = target.elements.csrfmiddlewaretoken;
  if (field) field.value = token() ?? field.value;
}, { capture: true });
