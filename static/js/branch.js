// The branch that a tab shows is in its address, by its last message: another tab moves what the conversation
// shows by default, but not this. A turn is sent with it, because it is meant for where it was written.
const messages = document.getElementById("messages");
const tip = () => messages.lastElementChild?.dataset.message;
const inAddress = () => new URLSearchParams(location.search).get("at");
let shown;

function keep() {
  if (tip() && tip() !== inAddress()) history.replaceState(null, "", `?at=${tip()}${location.hash}`);
  shown = inAddress();
}

if (messages) {
  new MutationObserver(keep).observe(messages, { childList: true });
  keep();

  document.addEventListener("htmx:before:ws:request", ({ detail: { body } }) => {
    if (tip()) body.at = tip();
  });

  // Back from another branch, and not from a footnote.
  addEventListener("popstate", () => inAddress() !== shown && location.reload());
}
