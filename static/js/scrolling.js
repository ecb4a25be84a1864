// Follows the answer only while the reader is at its end; a button leads back there.
const NEAR = 40;
const FAR = 240;
const RECENT = 1000;
const BY_HAND = ["wheel", "touchmove", "pointerdown", "keydown"];
const messages = document.getElementById("messages");
const button = document.querySelector("[data-latest]");
const root = document.documentElement;
let isFollowing = !messages?.hasAttribute("data-landing");
let before = 0;
let height = 0;
let viewport = 0;
let moved = -Infinity;

const distance = () => root.scrollHeight - innerHeight - scrollY;
const toTheEnd = () => scrollTo({ top: root.scrollHeight, behavior: "instant" });

// The browser moves the page as well, whenever it becomes shorter or is turned; the reader has hands for that.
function isReaders() {
  const isAsItWas = root.scrollHeight === height && innerHeight === viewport;
  return isAsItWas || performance.now() - moved < RECENT;
}

function follow() {
  isFollowing = true;
  toTheEnd();
}

if (messages) {
  addEventListener("scroll", () => {
    const left = distance();
    if (scrollY < before && left > 2 && isReaders()) isFollowing = false;
    else if (left < NEAR) isFollowing = true;
    before = scrollY;
    height = root.scrollHeight;
    viewport = innerHeight;
    button.hidden = left < FAR;
  }, { passive: true });

  for (const kind of BY_HAND) addEventListener(kind, () => (moved = performance.now()), { passive: true });

  const stay = () => isFollowing && toTheEnd();
  const observer = new ResizeObserver(stay);
  observer.observe(messages);
  observer.observe(document.getElementById("composer"));
  addEventListener("resize", stay);
  button.addEventListener("click", follow);
  document.addEventListener("turn:accepted", follow);
  messages.addEventListener("version:shown", () => (isFollowing = false));
  document.getElementById("composer-form").addEventListener("submit", follow);
  stay();
}
