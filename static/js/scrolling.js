// Follows the answer only while the reader is at its end; a button leads back there.
const NEAR = 40;
const FAR = 240;
const messages = document.getElementById("messages");
const button = document.querySelector("[data-latest]");
const root = document.documentElement;
let isFollowing = true;
let before = 0;

const distance = () => root.scrollHeight - innerHeight - scrollY;
const toTheEnd = () => scrollTo({ top: root.scrollHeight, behavior: "instant" });

function follow() {
  isFollowing = true;
  toTheEnd();
}

if (messages) {
  addEventListener("scroll", () => {
    const left = distance();
    // Upwards is away, unless the page became shorter and the browser stayed at its end.
    if (scrollY < before && left > 2) isFollowing = false;
    else if (left < NEAR) isFollowing = true;
    before = scrollY;
    button.hidden = left < FAR;
  }, { passive: true });

  new ResizeObserver(() => isFollowing && toTheEnd()).observe(messages);
  button.addEventListener("click", follow);
  document.addEventListener("turn:accepted", follow);
  document.getElementById("composer-form").addEventListener("submit", follow);
  toTheEnd();
}
