// Connects the parts of the page: input goes to the connection, and the connection's
// events go to the log and the status.
import { closable, describe } from "./codes.js";
import { Connection } from "./connection.js";
import { ask, CUT } from "./diagnose.js";
import { byId, make } from "./dom.js";
import { bytes, plural, size } from "./formats.js";
import { HandshakeCard } from "./handshake.js";
import { Log } from "./log.js";
import { BurstCard } from "./plot.js";
import { recall, remember } from "./remembered.js";
import { Status } from "./status.js";

const ORIGIN = location.origin.replace(/^http/, "ws");
const READY_STATES = ["CONNECTING", "OPEN", "CLOSING", "CLOSED"];
// A restart of the server takes a few tries. After these the page asks for the cause.
const PATIENCE = 3;
// The paths in app/main.py.
const ECHO_PATHS = ["/ws", "/sockets", "/handshake"];

const connection = new Connection();
const log = new Log();
const status = new Status(connection);
const handshake = new HandshakeCard(connection, ORIGIN);
new BurstCard(connection, (text) => log.note(text));

// The path and query of the input, which may be a whole address of this host.
// Null for another host: the page's policy does not let it connect there.
function path() {
  let typed = byId("endpoint").value.trim();
  // Without a scheme, URL would take "localhost:" for one.
  if (typed.split(/[/?#]/, 1)[0].toLowerCase() === location.host) typed = `wss://${typed}`;
  try {
    const url = new URL(typed, `${ORIGIN}/`);
    return url.host === location.host ? url.pathname + url.search : null;
  } catch {
    return null;
  }
}

function protocols() {
  return byId("protocols").value.split(/[\s,]+/).filter(Boolean);
}

function connect() {
  const where = path();
  if (where === null) {
    status.say(
      `${
        byId("endpoint").value
      } is not on ${location.host}, and this page may connect to its own host alone. Type a path, such as /ws.`,
    );
    return;
  }
  connection.connect(ORIGIN + where, protocols());
}

// Whether the app behind is the echo of this project, which has paths and a document.
async function askHandshake() {
  const isEcho = await handshake.ask(protocols());
  byId("documents").hidden = !isEcho;
  const paths = isEcho ? ECHO_PATHS : [];
  byId("endpoints").replaceChildren(...paths.map((value) => make("option", { value })));
  return isEcho;
}

// The page connects to the echo at once, at /ws. To another app it connects only when the
// user asks: a connection may have effects there. The path of the user's last visit is
// filled in.
async function begin() {
  const isEcho = await askHandshake();
  const fields = [byId("endpoint"), byId("protocols")];
  const isTyping = fields.some((field) => field.value !== field.defaultValue);
  if (isTyping || connection.state !== "idle") return; // the user was quicker
  if (isEcho) {
    connect();
    return;
  }
  const last = recall();
  if (last) [fields[0].value, fields[1].value] = [last.endpoint, last.protocols];
  status.say("Type the path of your WebSocket, then Connect.");
}

function disconnect() {
  const code = Number(byId("close-code").value);
  try {
    if (connection.state === "closed" || connection.state === "idle") {
      status.say("There is nothing to disconnect.");
    }
    connection.close(code, byId("close-reason").value);
  } catch (error) {
    const why = closable(code)
      ? ""
      : " A page may send 1000 and 3000 to 4999, the rest is the browser's.";
    log.note(`not closed: ${error.name}: ${error.message}${why}`);
    status.say(`Not closed. ${error.name}: ${error.message}${why}`);
  }
}

// Returns whether the message was sent. It goes to the browser in any state, because the
// user may want to see what the browser does with it.
function send(data) {
  let done;
  try {
    done = connection.send(data, null);
  } catch (error) {
    note(`not sent: ${error.name}: ${error.message}`);
    return false;
  }
  const { readyState, before, after } = done;
  if (readyState === 1) {
    log.sent(data);
    byId("send-status").textContent = "";
    return true;
  }
  if (readyState === null) {
    note("not sent: there has been no connection to send it on");
  } else {
    note(
      `not sent: readyState is ${readyState} (${
        READY_STATES[readyState]
      }). send() raised nothing; the browser dropped ` +
        `${bytes(size(data))}, and bufferedAmount went from ${before} to ${after}`,
    );
  }
  return false;
}

function note(text) {
  log.note(text);
  byId("send-status").textContent = `${text[0].toUpperCase()}${text.slice(1)}.`;
}

async function sendFile() {
  const [file] = byId("file").files;
  if (!file) {
    byId("send-status").textContent = "No file is chosen.";
    return;
  }
  try {
    send(await file.arrayBuffer());
  } catch (error) {
    note(`not sent: ${file.name} cannot be read: ${error.message}`);
  }
}

connection.addEventListener("state", () => {
  status.state();
  if (connection.state === "open") {
    const { url, protocol, extensions } = connection;
    log.note(
      `open ${url}; subprotocol: ${protocol || "none"}; extensions: ${extensions || "none"}`,
    );
  }
});
connection.addEventListener(
  "message",
  ({ detail: { data, roundTrip } }) => log.received(data, roundTrip),
);
connection.addEventListener("refused", ({ detail: { error } }) => {
  status.refused(error);
  log.note(`not tried: ${error.name}: ${error.message}`);
});
connection.addEventListener("replaced", ({ detail }) => {
  noteEnd(`closed ${detail.url} to connect again`, detail);
});
connection.addEventListener("closed", async ({ detail }) => {
  const { code, reason, opened, byUs, retryIn, failures } = detail;
  noteEnd(`closed ${code} ${describe(code).name}${reason ? ` "${reason}"` : ""}`, detail);
  status.closed(detail);
  if (code !== 1006 || byUs) return;
  if (opened) {
    status.explain(CUT);
  } else if (retryIn === null || failures >= PATIENCE) {
    const found = ask(connection.url.slice(ORIGIN.length));
    if (await status.explain(found)) log.note((await found).answer);
  }
});

function noteEnd(how, { opened, unanswered }) {
  log.note([
    how,
    ...(opened ? [] : ["it never opened"]),
    ...(unanswered ? [`${plural(unanswered, "message")} had no reply`] : []),
  ].join("; "));
}

function onSubmit(id, action) {
  byId(id).addEventListener("submit", (event) => {
    event.preventDefault();
    action();
  });
}

onSubmit("connect-form", () => {
  remember({ endpoint: byId("endpoint").value, protocols: byId("protocols").value });
  connect();
});
onSubmit("close-form", disconnect);
onSubmit("file-form", sendFile);
onSubmit("send-form", () => {
  if (send(byId("text").value)) byId("text").value = "";
});
byId("text").addEventListener("keydown", (event) => {
  // While an input method composes, Enter accepts its suggestion.
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  byId("send-form").requestSubmit();
});
byId("handshake-ask").addEventListener("click", askHandshake);
// When the network is back, the next try comes at once.
addEventListener("online", () => connection.retry());

begin();
