// Sends a turn, once: its text stays in the box until the turn is on the page, and is sent again after a
// connection was lost in between. The server makes one turn of what comes twice with the same id.
const form = document.getElementById("composer-form");
const text = document.getElementById("text");
const messages = document.getElementById("messages");
const notice = document.getElementById("composer-notice");
const turn = () => form.elements.turn_id;
const isSending = () => "sending" in form.dataset;
const said = (article) => article.querySelector(".message__said")?.textContent;
const isTooLong = () => text.value.length > Number(text.dataset.longest);

// Another tab may have sent this turn, and the box been written in since.
function accepted(article) {
  delete form.dataset.sending;
  document.querySelector("[data-instead]")?.remove();
  if (text.value.trim() === said(article)?.trim()) text.value = "";
  turn().value = crypto.randomUUID();
  form.dispatchEvent(new Event("turn:accepted", { bubbles: true }));
}

// What waits for a connection is taken back by emptying the box.
text?.addEventListener("input", () => {
  notice.replaceChildren();
  if (!text.value.trim()) delete form.dataset.sending;
});

form?.addEventListener("submit", (event) => {
  const isBlank = !text.value.trim() && !form.elements.attachments && event.submitter?.name !== "suggestion";
  const isOnItsWay = isSending() && !messages;
  if (!isBlank && !isTooLong() && !isOnItsWay) {
    form.dataset.sending = "";
    return;
  }
  event.preventDefault();
  event.stopImmediatePropagation();
  if (isTooLong()) notice.replaceChildren(document.getElementById("too-long").content.cloneNode(true));
}, { capture: true });

document.addEventListener("htmx:after:ws:connection", () => isSending() && form.requestSubmit());

if (messages) {
  new MutationObserver(() => {
    const article = messages.querySelector(`:scope > [data-turn="${turn().value}"]`);
    if (article) accepted(article);
  }).observe(messages, { childList: true });
}

if (notice) {
  new MutationObserver(() => {
    if (!notice.hasChildNodes()) return;
    delete form.dataset.sending;
    if (!notice.querySelector("[data-new-turn]")) return;
    turn().value = crypto.randomUUID();
    text.dispatchEvent(new Event("draft:changed", { bubbles: true }));
  }).observe(notice, { childList: true });
}

// On a page that comes back from the browser's memory nothing is on its way any more.
addEventListener("pageshow", ({ persisted }) => persisted && delete form?.dataset.sending);
