// A connection can be dead without a word, because a proxy forgot it. What is sent and brings nothing back for some
// seconds has the page connect anew, and a turn that is not on the page is then sent again.
const PATIENCE = 10_000;
const A_CHARACTER = 0.2;  // On a slow line.
let connection;
let timer;

function connectAnew() {
  const { socket } = connection;
  connection.socket = null;  // It is not waited for: it would close in vain for a minute.
  socket?.close();
  document.dispatchEvent(new Event("visibilitychange"));
}

document.addEventListener("htmx:after:ws:connection", ({ detail }) => ({ connection } = detail));

document.addEventListener("htmx:after:ws:request", ({ detail: { body } }) => {
  clearTimeout(timer);
  timer = setTimeout(connectAnew, PATIENCE + A_CHARACTER * (body.text?.length ?? 0));
});

for (const sign of ["htmx:before:ws:message", "htmx:ws:close"]) {
  document.addEventListener(sign, () => clearTimeout(timer));
}
