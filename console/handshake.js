// The handshake of this page and of a WebSocket, side by side: browsers use HTTP/2 for the
// first and HTTP/1.1 for the second. The echo of this project reports how it saw them. For
// any other app the table has what the browser saw, which is less.
import { byId, make } from "./dom.js";
import { byFetch, byWebSocket, PATH } from "./seen.js";

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

// The names in the browser's timing of a page.
const VERSIONS = { "http/1.1": "HTTP/1.1", h2: "HTTP/2", h3: "HTTP/3" };

const NOTHING = "–";

export class HandshakeCard {
  #connection;
  #origin;
  #isByBrowser = false;

  // origin: wss://host:port.
  constructor(connection, origin) {
    this.#connection = connection;
    this.#origin = origin;
    connection.addEventListener("state", () => {
      if (this.#isByBrowser) this.#showByBrowser();
    });
  }

  // Returns whether the app behind is the echo of this project. The WebSocket's column is
  // filled when its answer comes. protocols: the subprotocols to ask for.
  async ask(protocols) {
    say("Asking…"); // otherwise nothing shows that the button worked
    const { seen, failed } = await byFetch();
    this.#isByBrowser = !seen;
    if (seen) {
      this.#showByServer(seen, protocols);
      return true;
    }
    this.#showByBrowser();
    say(
      failed
        ? `The request to ${PATH} failed: ${failed}.`
        : `The app behind has no ${PATH} that tells what the server saw.`,
    );
    return false;
  }

  async #showByServer(page, protocols) {
    const { seen: socket, failed } = await this.#askByWebSocket(protocols);
    if (this.#isByBrowser) return; // asked again meanwhile
    const cell = (of, seen) => seen ? of(seen) ?? "unknown" : null;
    const rows = SEEN_BY_SERVER.map(([name, of]) => [name, cell(of, page), cell(of, socket)]);
    show("server", rows);
    say(failed ? `The WebSocket to ${PATH} failed: ${failed}.` : "Asked just now.");
  }

  async #askByWebSocket(protocols) {
    try {
      return await byWebSocket(this.#origin + PATH, protocols);
    } catch (error) { // an invalid subprotocol
      return { failed: error.message };
    }
  }

  #showByBrowser() {
    const { state, protocol, extensions } = this.#connection;
    const [navigation] = performance.getEntriesByType("navigation");
    const version = navigation?.nextHopProtocol;
    const socket = (text) => state === "open" ? text : "not connected";
    show("browser", [
      ["Scheme", "https", socket("wss")],
      // nginx has no WebSocket over HTTP/2.
      ["HTTP version", VERSIONS[version] ?? (version || "unknown"), socket("HTTP/1.1")],
      ["Host", location.host, socket(location.host)],
      ["Origin", "not sent", socket(location.origin)],
      ["Subprotocol agreed", NOTHING, socket(protocol || "none")],
      ["Extensions agreed", NOTHING, socket(extensions || "none")],
    ]);
  }
}

function say(text) {
  byId("handshake-status").textContent = text;
}

// who: "server" or "browser". rows: [name, of this page, of the WebSocket]; null if that failed.
function show(who, rows) {
  byId("handshake-title").textContent = `Handshake, as the ${who} saw it`;
  const cell = (text) =>
    text === null ? make("td", { className: "failed" }, NOTHING) : make("td", {}, text);
  byId("handshake-rows").replaceChildren(
    ...rows.map(([name, ...cells]) =>
      make("tr", {}, make("th", { scope: "row" }, name), ...cells.map(cell))
    ),
  );
}
