// Run in the machine, in a browser's page by page.py: does it echo over wss://, at each of
// the TARGETS that the page names?
function echo(target) {
  return new Promise((resolve) => {
    const socket = new WebSocket(`wss://${target}/ws`);
    socket.onopen = () => socket.send("from a page");
    socket.onmessage = (event) => resolve(event.data === "from a page");
    socket.onclose = () => resolve(false);
  });
}
// A script is not told why a WebSocket failed. This fails for TLS alone, and not for
// what the server answers: nginx's own answer, which has no policy of the app's
// against other origins; no-store, as a cached answer needs no server.
function handshake(target) {
  const options = { mode: "no-cors", cache: "no-store" };
  return fetch(`https://${target}/.wss-stack/probe`, options).then(() => true, () => false);
}
async function ask(target) {
  return { target, echo: await echo(target), handshake: await handshake(target) };
}
Promise.all(TARGETS.map(ask)).then((answers) =>
  fetch("/report", { method: "POST", body: JSON.stringify(answers) })
);
