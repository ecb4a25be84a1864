// Lets the message box grow where CSS cannot, and counts when the end of what is possible comes near.
const NEAR = 0.9;
const text = document.getElementById("text");
const count = document.querySelector("[data-count]");
const growsItself = CSS.supports("field-sizing", "content");

function grow() {
  if (growsItself) return;
  text.rows = 1;
  text.rows = Math.min(12, Math.ceil((text.scrollHeight - 12) / parseFloat(getComputedStyle(text).lineHeight)));
}

function tell() {
  const longest = Number(text.dataset.longest);
  count.hidden = text.value.length < longest * NEAR;
  count.textContent = `${text.value.length.toLocaleString()} of ${longest.toLocaleString()} characters`;
  count.toggleAttribute("data-over", text.value.length > longest);
}

if (text) {
  const update = () => (grow(), tell());
  text.addEventListener("input", update);
  document.addEventListener("turn:accepted", update);
  update();
}
