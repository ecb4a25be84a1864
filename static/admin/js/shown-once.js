// Copies what stands beside a [data-copy] button, and has a reload go on instead of doing the same once more.
// The clipboard API is missing on plain http in a local network.
document.addEventListener("click", async ({ target }) => {
  const button = target.closest("[data-copy]");
  if (!button) return;
  const field = button.parentElement.querySelector("input");
  field.select();
  if (navigator.clipboard) await navigator.clipboard.writeText(field.value);
  else document.execCommand("copy");
  button.textContent = "Copied";
});

history.replaceState(null, "", document.querySelector("[data-after]").href);
