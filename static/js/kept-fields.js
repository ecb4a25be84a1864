// What is typed into fields while others are fetched in their place is in those too, where they are the same.
const offers = (field, value) => !field.options || [...field.options].some((option) => option.value === value);

function take(field, there) {
  if (field.type === "checkbox") field.checked = there.checked;
  else if (offers(field, there.value)) field.value = there.value;
}

document.addEventListener("htmx:before:swap", ({ detail: { tasks } }) => {
  for (const { target, fragment } of tasks.filter((task) => task.target.matches("[data-keeps-typed]"))) {
    for (const field of fragment.querySelectorAll("[name]")) {
      const there = target.querySelector(`[name="${field.name}"]`);
      if (there) take(field, there);
    }
  }
});
