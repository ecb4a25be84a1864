// While an answer streams, the button that sends gives its place to the one that stops; Escape stops as well.
const messages = document.getElementById("messages");
const composer = document.getElementById("composer");
const button = composer?.querySelector(".composer__stop");
const isStreaming = () => composer.hasAttribute("data-streaming");

// An attribute, because a style that looks for the answer with :has() is worked out anew for every frame.
function tell() {
  const wasStreaming = isStreaming();
  const hadFocus = button.matches(":focus-visible");
  composer.toggleAttribute("data-streaming", Boolean(messages.querySelector(':scope > [data-status="streaming"]')));
  if (wasStreaming && !isStreaming()) end(hadFocus);
}

function end(hadFocus) {
  for (const notice of composer.querySelectorAll("[data-passing]")) notice.remove();
  if (hadFocus) document.getElementById("text").focus();
}

if (messages) {
  new MutationObserver(tell).observe(messages, { childList: true });
  tell();

  document.addEventListener("keydown", (event) => {
    const isPlain = !event.isComposing && !event.defaultPrevented && !event.shiftKey;
    if (event.key !== "Escape" || !isPlain || !isStreaming()) return;
    // What is open is what Escape closes.
    if (document.querySelector("dialog[open], :popover-open:not(.page-notice)")) return;
    event.preventDefault();
    button.click();
  });
}
