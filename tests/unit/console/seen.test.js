import assert from "node:assert/strict";
import { byFetch, byWebSocket, isSeen } from "../../../console/seen.js";

const SEEN = {
  scheme: "https",
  http_version_to_app: "HTTP/1.1",
  tls: null,
  forwarded: {},
  websocket: null,
};
const OF_SOCKET = { ...SEEN, websocket: { version: "13", subprotocols: [], extensions: [] } };

// What an app of somebody's own may answer.
const OTHERS = [
  null,
  true,
  7,
  "ok",
  [],
  {},
  { status: "ok" },
  { name: "theirs", headers: {} },
  { ...SEEN, http_version_to_app: 1 },
  { ...SEEN, forwarded: null },
  { ...SEEN, forwarded: "for=1.2.3.4" },
  { ...SEEN, websocket: undefined },
  { ...SEEN, websocket: true },
  { ...SEEN, websocket: {} },
  { ...SEEN, websocket: { subprotocols: "chat", extensions: [] } },
];

const answering = (body, options = {}) => () =>
  Promise.resolve(
    new Response(body, { headers: { "Content-Type": "application/json" }, ...options }),
  );

Deno.test("the echo app's answer is known by its shape", () => {
  assert.ok(isSeen(SEEN));
  assert.ok(isSeen(OF_SOCKET));
  for (const other of OTHERS) assert.ok(!isSeen(other), JSON.stringify(other));
});

Deno.test("the echo app's answer is given", async () => {
  assert.deepEqual(await byFetch(answering(JSON.stringify(SEEN))), { seen: SEEN });
});

Deno.test("another app's answer is no failure, whatever it is", async () => {
  const html = { headers: { "Content-Type": "text/html" } };
  const answers = [
    ...OTHERS.map((other) => answering(JSON.stringify(other))),
    answering("{not JSON"),
    answering(""),
    answering("<!doctype html>", html),
    answering(JSON.stringify(SEEN), html),
    answering(JSON.stringify(SEEN), { headers: {} }),
    answering(JSON.stringify(SEEN), { status: 404 }),
    answering("no", { status: 401 }),
    answering("no", { status: 500 }),
    () => Promise.resolve(Response.error()),
    // A redirect that is not followed.
    () => Promise.resolve({ type: "opaqueredirect", status: 0, ok: false, headers: new Headers() }),
  ];
  for (const get of answers) assert.deepEqual(await byFetch(get), {});
});

Deno.test("an answer that never ends is not read", async () => {
  let signal;
  const endless = new ReadableStream({ pull: () => new Promise(() => {}) });
  const get = (_, options) => {
    signal = options.signal;
    return answering(endless, { headers: { "Content-Type": "text/event-stream" } })();
  };
  assert.deepEqual(await byFetch(get), {});
  assert.ok(signal.aborted);
});

Deno.test("no answer is a failure, with its reason", async () => {
  assert.deepEqual(await byFetch(answering("", { status: 502 })), { failed: "answered 502" });
  const refused = () => Promise.reject(new TypeError("Failed to fetch"));
  assert.deepEqual(await byFetch(refused), { failed: "Failed to fetch" });
});

Deno.test("a WebSocket's answer is given, or why there is none", async () => {
  const asked = (play) => {
    const socket = {};
    const answer = byWebSocket("wss://localhost/handshake", ["chat"], () => socket);
    play(socket);
    socket.onclose({ code: 1000 });
    return answer;
  };
  const saying = (data) => (socket) => socket.onmessage({ data });
  assert.deepEqual(await asked(saying(JSON.stringify(OF_SOCKET))), { seen: OF_SOCKET });
  assert.deepEqual(await asked(saying("welcome")), { failed: "another answer" });
  assert.deepEqual(await asked(saying(new ArrayBuffer(2))), { failed: "another answer" });
  assert.deepEqual(await asked(() => {}), { failed: "closed with 1000" });
});
