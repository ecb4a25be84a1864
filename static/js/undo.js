// The offer to undo stays for some seconds, and as long as it has the pointer or the focus.
const SHOWN_FOR = 10_000;
const place = document.getElementById("undo");
let timer;

function wait() {
  clearTimeout(timer);
  if (place.hasChildNodes()) timer = setTimeout(leave, SHOWN_FOR);
}

function leave() {
  if (place.matches(":hover, :focus-within")) wait();
  else place.replaceChildren();
}

if (place) new MutationObserver(wait).observe(place, { childList: true });
