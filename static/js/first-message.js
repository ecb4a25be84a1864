// The first message of a chat is sent as a form: without a network the browser would show a page of its own instead.
// A site on this machine is there all the same.
const PAUSE = 1000;
const form = document.getElementById("composer-form");
const composer = document.getElementById("composer");
let isReached = false;

async function sendOnceReached(submitter) {
  const isThere = await fetch("/healthz", { method: "HEAD" }).then(() => true, () => false);
  const isWaiting = "sending" in form.dataset;
  composer.toggleAttribute("data-away", isWaiting && !isThere);
  if (!isWaiting) return;
  if (!isThere) return setTimeout(sendOnceReached, PAUSE, submitter);
  delete form.dataset.sending;
  isReached = true;
  form.requestSubmit(submitter);
  isReached = false;
}

if (form?.method === "post") {
  form.addEventListener("submit", (event) => {
    if (navigator.onLine || isReached || event.defaultPrevented) return;
    event.preventDefault();
    sendOnceReached(event.submitter);
  });
}
