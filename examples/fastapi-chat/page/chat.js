const join = document.querySelector("#join");
const say = document.querySelector("#say");
const state = document.querySelector("#state");
const log = document.querySelector("#log");

const room = new URLSearchParams(location.search).get("room") ?? "hall";
const NAME_TAKEN = 4409;
const LONGEST_PAUSE = 10_000; // milliseconds

let socket;
let pause = 500;

function connect(name) {
  const url = new URL(`/rooms/${encodeURIComponent(room)}`, location.href);
  url.protocol = "wss:";
  url.searchParams.set("name", name);
  state.textContent = "Connecting";
  socket = new WebSocket(url);
  socket.onopen = () => {
    pause = 500;
    show(true, `In the room "${room}"`);
  };
  socket.onmessage = ({ data }) => write(sentence(JSON.parse(data)));
  socket.onclose = ({ code, reason }) => {
    if (code === NAME_TAKEN) return show(false, reason);
    show(true, `Lost (${code}${reason && `, ${reason}`}); trying again`);
    // With jitter: not all clients come back in the same moment.
    setTimeout(connect, pause * (0.5 + Math.random()), name);
    pause = Math.min(pause * 2, LONGEST_PAUSE);
  };
}

function sentence({ type, name, names, text }) {
  if (type === "said") return `${name}: ${text}`;
  if (type === "refused") return `Refused: ${text}`;
  if (type === "here") return `Here: ${names.join(", ")}`;
  return `${name} ${type}`; // came, went
}

function show(joined, text) {
  join.hidden = joined;
  say.hidden = !joined;
  state.textContent = text;
}

function write(text) {
  const line = document.createElement("li");
  line.textContent = text; // never innerHTML: others wrote it
  log.append(line);
  line.scrollIntoView();
}

join.onsubmit = (event) => {
  event.preventDefault();
  connect(join.elements.namedItem("name").value);
};

say.onsubmit = (event) => {
  event.preventDefault();
  if (socket.readyState !== WebSocket.OPEN) return; // the text stays for later
  socket.send(say.elements.namedItem("text").value);
  say.reset();
};
