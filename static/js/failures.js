// Says that a click did not do what it should, when the site could not be reached or refused.
// Whatever is said there stays for some seconds, and as long as it has the pointer or the focus.
const SHOWN_FOR = 6000;
const notice = document.getElementById("page-notice");

function fail() {
  notice?.replaceChildren(document.getElementById("request-failed").content.cloneNode(true));
}

document.addEventListener("htmx:response:error", ({ detail }) => {
  if (detail.ctx.response.status !== 422) fail();
});
document.addEventListener("htmx:error", ({ detail }) => detail.ctx && fail());
// What is written in the message box waits for the connection.
document.addEventListener("htmx:ws:error", ({ target }) => {
  if (target.matches?.("[hx-ws\\:send]:not(#composer-form)")) fail();
});

let timer;

function wait() {
  clearTimeout(timer);
  timer = setTimeout(leave, SHOWN_FOR);
}

function leave() {
  if (notice.matches(":hover, :focus-within")) wait();
  else notice.replaceChildren();
}

// Anew each time, so that it stands in front of the dialog in which something was pressed.
function show() {
  notice.hidePopover();
  if (!notice.hasChildNodes()) return;
  notice.showPopover();
  wait();
}

if (notice) new MutationObserver(show).observe(notice, { childList: true });
