// Leads from one version of a message to another, by links that also open in a tab of their own. The arrow that
// was pressed stays under the pointer and keeps the focus.
const messages = document.getElementById("messages");
const arrow = (article, name) => article?.querySelector(`[data-version="${name}"]`);
let leaving = null;

function arrive() {
  const article = leaving && messages.querySelector(`:scope > [data-message="${leaving.message}"]`);
  const button = arrow(article, leaving?.name);
  if (!button) return;
  scrollBy({ top: button.getBoundingClientRect().top - leaving.top, behavior: "instant" });
  const end = button.ariaDisabled ? arrow(article, leaving.name === "next" ? "previous" : "next") : button;
  end.focus({ preventScroll: true });
  leaving = null;
}

if (messages) {
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-version]");
    if (!link) return;
    const isForAnotherTab = event.ctrlKey || event.metaKey || event.shiftKey;
    const isAway = document.getElementById("composer").hasAttribute("data-away");
    if (isForAnotherTab || isAway || !link.href) event.stopImmediatePropagation();
    else event.preventDefault();
  }, { capture: true });

  messages.addEventListener("htmx:before:ws:request", ({ target, detail: { body } }) => {
    if (body.action !== "show") return;
    leaving = { message: body.message, name: target.dataset.version, top: target.getBoundingClientRect().top };
    history.pushState(null, "", `?at=${body.message}`);
    messages.dispatchEvent(new Event("version:shown"));
  });

  new MutationObserver(arrive).observe(messages, { childList: true });
}
