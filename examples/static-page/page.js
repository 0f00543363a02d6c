// Another host, so another origin, though the port is the same.
const url = `wss://localhost:${location.port}/ws`;
const state = document.querySelector("#state");

document.querySelector("#origin").textContent = location.origin;
document.querySelector("#url").textContent = url;

const socket = new WebSocket(url);
socket.onopen = () => socket.send("hello from another origin");
socket.onmessage = ({ data }) => {
  state.textContent = `answered: ${data}`;
};
// Why, a page is never told: 1006 is all it gets for a refused handshake.
socket.onclose = ({ code }) => {
  state.textContent = `refused or lost (${code})`;
};
