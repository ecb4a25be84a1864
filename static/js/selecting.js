// Counts what is chosen in a list, chooses all of it, and shows what can be done once something is.
const form = document.querySelector("[data-selecting]");
const all = form?.querySelector("[data-choose-all]");
const rows = [...(form?.querySelectorAll("[name=conversations]") ?? [])];

function tell() {
  const chosen = rows.filter((row) => row.checked).length;
  form.toggleAttribute("data-chosen", chosen > 0);
  form.querySelector("[data-count-chosen]").textContent = `${chosen} chosen`;
  all.checked = chosen === rows.length;
  all.indeterminate = chosen > 0 && chosen < rows.length;
}

if (form) {
  form.toggleAttribute("data-counts", true);
  all.closest("label").hidden = false;
  form.addEventListener("change", ({ target }) => {
    if (target === all) for (const row of rows) row.checked = all.checked;
    tell();
  });
  addEventListener("pageshow", tell);
}
