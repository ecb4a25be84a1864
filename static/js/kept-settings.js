// The model and the settings that are chosen for a new chat survive a reload of its page: the model in the address.
const KEY = "settings:/";
const form = document.querySelector("#composer-form[method=post]");
const fields = document.getElementById("composer-settings");
const button = () => document.getElementById("settings-button");
const isReloaded = performance.getEntriesByType("navigation")[0]?.type === "reload";

function keep() {
  const settings = [...fields.children].map(({ name, value }) => [name, value]);
  try {
    sessionStorage.setItem(KEY, JSON.stringify({ settings, label: button().ariaLabel }));
  } catch {
    // There is no room left.
  }
}

function restore({ settings, label }) {
  const inputs = settings.map(([name, value]) => {
    return Object.assign(document.createElement("input"), { type: "hidden", name, value });
  });
  fields.replaceChildren(...inputs);
  button().ariaLabel = label;
  button().toggleAttribute("data-tuned", inputs.length > 0);
}

if (form && button()) {
  const kept = isReloaded && JSON.parse(sessionStorage.getItem(KEY) ?? "null");
  if (kept) restore(kept);
  else sessionStorage.removeItem(KEY);
  new MutationObserver(keep).observe(fields, { childList: true });

  document.addEventListener("model:chosen", () => {
    const query = new URLSearchParams(location.search);
    query.set("model", form.elements.model.value);
    history.replaceState(null, "", `?${query}`);
  });
}
