// Nothing takes the text of a conversation before htmx is there.
addEventListener("DOMContentLoaded", () => {
  const send = document.querySelector("#composer-form [type=submit]");
  if (send) send.disabled = document.getElementById("text").disabled;
});
