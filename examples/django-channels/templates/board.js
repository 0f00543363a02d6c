const say = document.querySelector("#say");
const state = document.querySelector("#state");
const log = document.querySelector("#log");

let socket;

function connect() {
  socket = new WebSocket(`wss://${location.host}/board`);
  socket.onopen = () => {
    state.textContent = "Connected";
  };
  socket.onmessage = ({ data }) => {
    const { name, text } = JSON.parse(data);
    const line = document.createElement("li");
    line.textContent = `${name}: ${text}`; // never innerHTML: others wrote it
    log.prepend(line);
  };
  socket.onclose = ({ code }) => {
    state.textContent = `Lost (${code}); trying again`;
    setTimeout(connect, 1000 + 1000 * Math.random());
  };
}

say.onsubmit = (event) => {
  event.preventDefault();
  if (socket.readyState !== WebSocket.OPEN) return; // the text stays for later
  socket.send(say.elements.namedItem("text").value);
  say.reset();
};

connect();
