// Sends a message of LENGTH bytes to URL, TRIES times, and prints the codes of the closes.
// usage: node too_long.js URL LENGTH TRIES
const [url, length, tries] = process.argv.slice(2);
const message = new Uint8Array(Number(length));
for (let at = 0; at < message.length; at += 65536) {
  crypto.getRandomValues(message.subarray(at, Math.min(at + 65536, message.length)));
}

const tried = () =>
  new Promise((resolve) => {
    const socket = new WebSocket(url);
    socket.onopen = () => socket.send(message);
    socket.onclose = ({ code }) => resolve(code);
  });
(async () => {
  const codes = [];
  while (codes.length < Number(tries)) codes.push(await tried());
  console.log(JSON.stringify(codes));
  process.exit();
})();
