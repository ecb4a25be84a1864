// Says that a click did not do what it should, when the site could not be reached or refused.
const SHOWN_FOR = 6000;
const notice = document.getElementById("page-notice");

function fail() {
  notice?.replaceChildren(document.getElementById("request-failed").content.cloneNode(true));
}

document.addEventListener("htmx:response:error", ({ detail }) => {
  if (detail.ctx.response.status !== 422) fail();
});
document.addEventListener("htmx:error", ({ detail }) => detail.ctx && detail.error?.name !== "AbortError" && fail());

if (notice) {
  let timer;
  new MutationObserver(() => {
    clearTimeout(timer);
    timer = setTimeout(() => notice.replaceChildren(), SHOWN_FOR);
  }).observe(notice, { childList: true });
}
