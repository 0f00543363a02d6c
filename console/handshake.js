// The handshake, of a plain request and of a WebSocket, side by side: as the server saw it
// where the app tells (the echo of this project does, at /handshake), else as the browser
// did. Browsers send the first by HTTP/2 and the second by HTTP/1.1.
import { byId, make } from "./dom.js";

const PATH = "/handshake";
const DEADLINE = 10_000; // milliseconds

const SEEN_BY_SERVER = [
  ["Scheme", (seen) => seen.scheme],
  ["HTTP version", (seen) => seen.http_version],
  ["TLS version", (seen) => seen.tls?.version ?? "no TLS"],
  ["TLS cipher", (seen) => seen.tls?.cipher],
  ["Key exchange", (seen) => seen.tls?.group],
  ["Host", (seen) => seen.host],
  ["Client", (seen) => seen.client],
  ["Origin", (seen) => seen.origin ?? "not sent"],
  ["Subprotocols asked", (seen) => seen.websocket?.subprotocols.join(", ") || "none"],
  ["Extensions asked", (seen) => seen.websocket?.extensions.join(", ") || "none"],
  ["X-Forwarded-For", (seen) => seen.forwarded["x-forwarded-for"]],
  ["X-Forwarded-Proto", (seen) => seen.forwarded["x-forwarded-proto"]],
  ["X-Forwarded-Host", (seen) => seen.forwarded["x-forwarded-host"]],
  ["X-Real-IP", (seen) => seen.forwarded["x-real-ip"]],
  ["nginx to app", (seen) => seen.http_version_to_app],
  ["Request id", (seen) => seen.request_id],
];

const SEEN_BY_BROWSER = [
  ["Scheme", (seen) => seen.scheme],
  ["HTTP version", (seen) => seen.http],
  ["Host", (seen) => seen.host],
  ["Origin", (seen) => seen.origin],
  ["Subprotocol agreed", (seen) => seen.protocol],
  ["Extensions agreed", (seen) => seen.extensions],
];

// What /handshake answers; null where the app behind has another answer, or none.
export async function askServer() {
  // AbortSignal.timeout() is not in older browsers, Safari 15 for one.
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), DEADLINE);
  try {
    const options = { cache: "no-store", redirect: "error", signal: controller.signal };
    const response = await fetch(PATH, options);
    const seen = await response.json();
    // Any app may answer anything there, with 200 too.
    return response.ok && seen?.forwarded && seen.http_version_to_app ? seen : null;
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
  }
}

function askByWebSocket(origin, protocols) {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(origin + PATH, protocols);
    const timer = setTimeout(() => socket.close(), DEADLINE);
    socket.onmessage = ({ data }) => resolve(JSON.parse(data));
    // After a message this comes too late to matter.
    socket.onclose = ({ code }) => {
      clearTimeout(timer);
      reject(new Error(`closed with ${code}`));
    };
  });
}

function rows(columns, page, socket) {
  const cell = (of, seen) => {
    if (!seen) return make("td", { className: "failed" }, "–");
    return make("td", {}, of(seen) ?? "unknown");
  };
  byId("handshake-rows").replaceChildren(
    ...columns.map(([name, of]) =>
      make("tr", {}, make("th", { scope: "row" }, name), cell(of, page), cell(of, socket))
    ),
  );
}

// Asks again and shows it. connection: the one that the page has, for what the browser
// knows of it. protocols: what the WebSocket asks for. Whether the server told.
export async function showHandshake(origin, protocols, connection) {
  byId("handshake-status").textContent = "Asking…"; // else nothing shows that it was asked again
  const page = await askServer();
  if (!page) {
    showWhatTheBrowserSaw(origin, connection);
    return false;
  }
  let socket = null, failure = "Asked just now.";
  try {
    socket = await askByWebSocket(origin, protocols);
  } catch ({ message }) {
    failure = `The WebSocket to ${PATH} failed: ${message}.`;
  }
  rows(SEEN_BY_SERVER, page, socket);
  byId("handshake-status").textContent = failure;
  return true;
}

export function showWhatTheBrowserSaw(origin, connection) {
  const [navigation] = performance.getEntriesByType("navigation");
  const here = { host: location.host, protocol: "none", extensions: "none" };
  const page = {
    ...here,
    scheme: location.protocol.replace(":", ""),
    http: navigation?.nextHopProtocol,
    origin: "not sent",
  };
  const { url, protocol, extensions } = connection;
  const socket = url && connection.state === "open" && {
    ...here,
    scheme: new URL(url, origin).protocol.replace(":", ""),
    http: "http/1.1", // nginx has no WebSocket over HTTP/2
    origin: location.origin,
    protocol: protocol || "none",
    extensions: extensions || "none",
  };
  rows(SEEN_BY_BROWSER, page, socket);
  byId("handshake-status").textContent =
    `As the browser saw it: the app behind has no ${PATH} that tells what the server saw.`;
}
