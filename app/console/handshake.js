// The handshake as the server saw it: of a plain request and of a WebSocket, side
// by side. Browsers send the first by HTTP/2 and the second by HTTP/1.1.
import { byId, make } from "./dom.js";

const PATH = "/handshake";
const DEADLINE = 10_000; // milliseconds

const ROWS = [
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

async function byFetch() {
  // AbortSignal.timeout() is not in older browsers, Safari 15 for one.
  const controller = new AbortController();
  setTimeout(() => controller.abort(), DEADLINE);
  const response = await fetch(PATH, { cache: "no-store", signal: controller.signal });
  if (!response.ok) throw new Error(`answered ${response.status}`);
  return response.json();
}

function byWebSocket(origin, protocols) {
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

// origin: wss://host:port. protocols: what the WebSocket asks for.
export async function showHandshake(origin, protocols) {
  byId("handshake-status").textContent = "Asking…"; // else nothing shows that it was asked again
  const asked = [byFetch(), Promise.resolve().then(() => byWebSocket(origin, protocols))];
  const [page, socket] = await Promise.allSettled(asked);
  const cell = (of, result) => {
    if (result.status === "rejected") return make("td", { className: "failed" }, "–");
    return make("td", {}, of(result.value) ?? "unknown");
  };
  byId("handshake-rows").replaceChildren(
    ...ROWS.map(([name, of]) =>
      make("tr", {}, make("th", { scope: "row" }, name), cell(of, page), cell(of, socket))
    ),
  );
  const failures = [["The request", page], ["The WebSocket", socket]]
    .filter(([, { status }]) => status === "rejected")
    .map(([who, { reason }]) => `${who} to ${PATH} failed: ${reason.message}.`);
  byId("handshake-status").textContent = failures.join(" ") || "Asked just now.";
}
