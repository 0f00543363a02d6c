// Connects, sends and shows replies.
const element = (id) => document.getElementById(id);
let socket;

function show(line) {
  element("log").append(`${line}\n`);
}

function connect() {
  socket?.close(1000, "connecting anew");
  const address = `wss://${location.host}${element("endpoint").value}`;
  const opened = new WebSocket(address);
  socket = opened;
  const state = (text) => {
    // A socket that was replaced has nothing to say about the current one.
    if (socket === opened) element("state").textContent = text;
  };
  state(`connecting to ${address}`);
  opened.onopen = () => state(`connected to ${address}`);
  opened.onmessage = ({ data }) => show(`< ${data}`);
  opened.onclose = ({ code, reason }) => state(`closed: ${code} ${reason}`);
}

element("connection").addEventListener("submit", (event) => {
  event.preventDefault();
  connect();
});
element("close").addEventListener("click", () => socket?.close(1000, "closed by the page"));
element("message").addEventListener("submit", (event) => {
  event.preventDefault();
  if (socket?.readyState !== WebSocket.OPEN) {
    show("! not connected");
    return;
  }
  socket.send(element("text").value);
  show(`> ${element("text").value}`);
  element("text").value = "";
});
connect();
