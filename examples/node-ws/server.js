// A page and WebSockets on one port: what one sends, all get. TLS, origins and the
// handshake's limits are nginx's.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { WebSocket, WebSocketServer } from "ws";

// On the loopback: whoever else could connect could claim any X-Forwarded-For.
const { HOST = "127.0.0.1", PORT = "3000" } = process.env;

const HEARTBEAT = 20_000; // milliseconds between pings
const BEHIND = 1024 * 1024; // bytes that may wait for one client

const files = {
  "/": ["index.html", "text/html; charset=utf-8"],
  "/page.js": ["page.js", "text/javascript; charset=utf-8"],
};
const policy =
  "default-src 'none'; script-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'";

const server = createServer(async (request, response) => {
  const [file, type] = files[request.url] ?? [];
  if (!file) {
    response.writeHead(404).end("not found\n");
    return;
  }
  response.setHeader("Content-Type", type);
  response.setHeader("Content-Security-Policy", policy);
  response.end(await readFile(new URL(file, import.meta.url)));
});

const wss = new WebSocketServer({ server, path: "/ws", maxPayload: 64 * 1024 });

wss.on("connection", (socket, request) => {
  // nginx sets both and overwrites what a client claims. The id is in its log too.
  const client = request.headers["x-forwarded-for"] ?? request.socket.remoteAddress;
  const id = request.headers["x-request-id"] ?? "-";
  console.log(`opened id=${id} client=${client}`);

  socket.isAlive = true;
  socket.on("pong", () => (socket.isAlive = true));
  socket.on("error", (error) => console.log(`failed id=${id} error=${error.code}`));
  socket.on("close", (code) => console.log(`closed id=${id} code=${code}`));
  socket.on("message", (data, isBinary) => {
    if (isBinary) socket.close(1003, "text only");
    else broadcast({ type: "said", client, text: data.toString() });
  });
  socket.send(JSON.stringify({ type: "hello", client, id }));
});

function broadcast(event) {
  const message = JSON.stringify(event);
  for (const socket of wss.clients) {
    if (socket.readyState !== WebSocket.OPEN) continue;
    // send() never waits: what a slow client does not take, stays in memory here.
    if (socket.bufferedAmount > BEHIND) socket.terminate();
    else socket.send(message);
  }
}

// A peer that vanished sends no Close: it is known by the pong that does not come.
setInterval(() => {
  for (const socket of wss.clients) {
    if (!socket.isAlive) {
      socket.terminate();
      continue;
    }
    socket.isAlive = false;
    socket.ping();
  }
}, HEARTBEAT).unref();

for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, () => {
    for (const socket of wss.clients) socket.close(1012, "restarting");
    server.close(() => process.exit());
    server.closeIdleConnections(); // nginx keeps some
    setTimeout(() => process.exit(), 2_000).unref(); // for clients that do not answer
  });
}

server.listen(Number(PORT), HOST, () => console.log(`listening on ${HOST}:${PORT}`));
