// While an answer streams, the button that sends gives its place to the one that stops.
const messages = document.getElementById("messages");
const composer = document.getElementById("composer");

// An attribute, because a style that looks for the answer with :has() is worked out anew for every frame.
function tell() {
  composer.toggleAttribute("data-streaming", Boolean(messages.querySelector(':scope > [data-status="streaming"]')));
}

if (messages) {
  new MutationObserver(tell).observe(messages, { childList: true });
  tell();
}
