// Copies code, a question as it stands, or an answer as it was written, with its markdown.
const SHOWN_FOR = 1500;
const announcer = document.getElementById("announcer");

// Safari takes a text that is still to come, but only in the moment of the click.
async function put(coming) {
  if (navigator.clipboard?.write) {
    const text = coming.then((said) => new Blob([said], { type: "text/plain" }));
    return navigator.clipboard.write([new ClipboardItem({ "text/plain": text })]);
  }
  // Without https there is no clipboard but this one.
  const value = await coming;
  const area = Object.assign(document.createElement("textarea"), { value, className: "visually-hidden" });
  const focused = document.activeElement;
  document.body.append(area);
  area.select();
  const isDone = document.execCommand("copy");
  area.remove();
  focused?.focus();
  if (!isDone) throw new Error("The browser did not let the page copy.");
}

async function source(button) {
  if (button.matches("[data-copy-address]")) return button.parentElement.querySelector("[data-copied]").value;
  if (button.matches("[data-copy]")) return button.closest("figure").querySelector("code").textContent;
  const article = button.closest("article");
  if (button.matches("[data-copy-question]")) return article.querySelector(".message__said").textContent;
  if (button.matches("[data-copy-answer]")) return article.querySelector(".message__content").innerText;
  const answer = await fetch(button.dataset.copyFrom, { redirect: "error" }).catch(() => null);
  return answer?.ok ? answer.text() : article.querySelector(".message__content").innerText;
}

async function copy(button) {
  const said = await put(source(button)).then(() => "Copied", () => "Not copied");
  announcer?.replaceChildren(said);
  if (button.matches("[data-copy]")) button.textContent = said;
  button.dataset.done = said;
  setTimeout(() => {
    if (button.matches("[data-copy]")) button.textContent = "Copy";
    delete button.dataset.done;
  }, SHOWN_FOR);
}

document.addEventListener("click", ({ target }) => {
  const button = target.closest(
    "[data-copy], [data-copy-address], [data-copy-question], [data-copy-answer], [data-copy-from]",
  );
  if (button) copy(button);
});
