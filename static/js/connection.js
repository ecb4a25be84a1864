// Says how the page is connected, catches up after every connection, and knows when to give up.
const PATIENCE = 1000;
const GIVEN_UP = { 4401: "signed-out", 4404: "gone" };
const AWAY = ["connecting", "reconnecting", "offline"];
const banner = document.getElementById("connection");
let timer;
let socket;

function show(state, after = 0) {
  clearTimeout(timer);
  if (after) timer = setTimeout(() => show(state), after);
  else tell(state);
}

function tell(state) {
  banner.dataset.state = state;
  document.getElementById("composer").toggleAttribute("data-away", AWAY.includes(state));
}

document.addEventListener("htmx:before:ws:connection", () => {
  if (!timer) show("connecting", PATIENCE);
});

document.addEventListener("htmx:after:ws:connection", ({ detail }) => {
  // hx-ws lets a hidden tab's connection go only if it is open by then, and connects again when the tab is shown.
  if (document.hidden) return detail.connection.socket.close();
  const last = document.querySelector("#messages > :last-child");
  const body = { action: "catch_up", last: last?.dataset.message ?? "", status: last?.dataset.status ?? "" };
  socket = detail.connection.socket;
  socket.send(JSON.stringify({ body }));
  show("open");
});

document.addEventListener("htmx:ws:close", ({ detail }) => {
  const given = GIVEN_UP[detail.code];
  if (given) detail.connection.config.reconnect = false;
  if (given) show(given);
  else if (detail.reason === "closed" && !document.hidden) show(navigator.onLine ? "reconnecting" : "offline", PATIENCE);
});

// A tab that lets go of its connection while it is hidden is not told of the next one before it is open.
document.addEventListener("visibilitychange", () => {
  const isWaiting = !document.hidden && banner.dataset.state === "open" && socket.readyState !== WebSocket.OPEN;
  if (isWaiting) show("connecting", PATIENCE);
});

// hx-ws reconnects at once when a hidden tab is shown; being on the network again is as good a reason.
addEventListener("online", () => {
  if (socket?.readyState === WebSocket.OPEN) show("open");
  else document.dispatchEvent(new Event("visibilitychange"));
});
addEventListener("offline", () => socket && show("offline"));
