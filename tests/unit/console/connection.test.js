import assert from "node:assert/strict";
import { backoff, Connection } from "../../../console/connection.js";

// As much of a WebSocket as the connection uses; the test plays the server.
class Socket {
  static made = [];
  readyState = 0;
  bufferedAmount = 0;
  sent = [];
  constructor(url, protocols) {
    Object.assign(this, { url, protocols });
    Socket.made.push(this);
  }
  opens() {
    this.readyState = 1;
    this.onopen();
  }
  ends(code, wasClean = true) {
    this.readyState = 3;
    this.onclose({ code, reason: "", wasClean });
  }
  send(data) {
    if (this.readyState === 0) {
      throw new DOMException("Still in CONNECTING state", "InvalidStateError");
    }
    if (this.readyState === 1) this.sent.push(data);
    else this.bufferedAmount += data.length;
  }
  close(code, reason) {
    this.closedWith = [code, reason];
    this.readyState = 2;
  }
}

function opening(url, protocols) {
  // A comma is in no token (RFC 9110): the browser throws.
  if (protocols.some((name) => name.includes(","))) throw new SyntaxError(`bad: ${protocols}`);
  return new Socket(url, protocols);
}

function started({ random = 1 } = {}) {
  Socket.made = [];
  const time = { now: 0 };
  const heard = [];
  const connection = new Connection({
    open: opening,
    now: () => time.now,
    random: () => random,
  });
  for (const type of ["closed", "message", "refused", "replaced"]) {
    connection.addEventListener(type, ({ detail }) => heard.push({ type, ...detail }));
  }
  connection.connect("wss://host/ws", ["a"]);
  return { connection, time, heard, last: () => Socket.made.at(-1) };
}

Deno.test("delays double, are halved by chance at most, and end at 30 seconds", () => {
  assert.deepEqual([0, 1, 2, 3].map((attempt) => backoff(attempt, 1)), [500, 1000, 2000, 4000]);
  assert.equal(backoff(2, 0), 1000);
  assert.equal(backoff(20, 1), 30_000);
});

Deno.test("a restart is followed by another try, which stop() calls off", () => {
  const { connection, heard, last } = started();
  last().opens();
  last().ends(1012);
  assert.equal(connection.state, "waiting");
  assert.equal(heard[0].retryIn, 500);
  connection.retry();
  assert.equal(Socket.made.length, 2);
  assert.equal(connection.state, "connecting");
  last().ends(1006, false); // not up yet
  assert.equal(heard[1].retryIn, 1000);
  connection.stop();
  assert.equal(connection.state, "closed");
});

Deno.test("stop() ends a try under way, and what it comes to is nobody's any more", () => {
  const { connection, heard, last } = started();
  last().opens();
  last().ends(1006, false);
  connection.retry();
  assert.deepEqual([connection.state, connection.reconnecting], ["connecting", true]);
  connection.retry(); // harmless: there is one
  assert.equal(Socket.made.length, 2);
  connection.stop();
  assert.deepEqual([connection.state, connection.reconnecting], ["closed", false]);
  assert.deepEqual(last().closedWith, [1000, "no more tries"]);
  assert.equal(last().onopen, null);
  assert.equal(last().onclose, null);
  assert.equal(heard.length, 1);
});

Deno.test("stop() leaves alone what is not a try to reconnect", () => {
  const { connection, last } = started();
  connection.stop();
  assert.deepEqual([connection.state, connection.reconnecting], ["connecting", false]);
  last().opens();
  last().ends(1012);
  connection.retry();
  last().opens();
  connection.stop();
  assert.deepEqual([connection.state, last().closedWith], ["open", undefined]);
});

Deno.test("the next try comes by itself", async () => {
  const { connection, last } = started({ random: -1 }); // no delay at all
  last().opens();
  last().ends(1012);
  await new Promise((resolve) => connection.addEventListener("state", resolve, { once: true }));
  assert.equal(connection.state, "connecting");
  assert.equal(Socket.made.length, 2);
});

Deno.test("a connection that never opened or was refused for good is not tried again", () => {
  const never = started();
  never.last().ends(1006, false);
  assert.deepEqual([never.connection.state, never.heard[0].opened], ["closed", false]);
  for (const code of [1000, 1008, 4000]) {
    const { connection, last } = started();
    last().opens();
    last().ends(code);
    assert.equal(connection.state, "closed", `${code}`);
  }
});

Deno.test("whoever leaves is not brought back, whatever the answer", () => {
  const { connection, heard, last } = started();
  last().opens();
  connection.close(1000, "bye");
  assert.deepEqual(last().closedWith, [1000, "bye"]);
  last().ends(1006, false);
  assert.deepEqual([connection.state, heard[0].byUs, heard[0].retryIn], ["closed", true, null]);
});

Deno.test("delays begin with the first again only after ten seconds of being connected", () => {
  const { connection, time, heard, last } = started();
  for (const [seconds, retryIn] of [[1, 500], [9, 1000], [10, 500]]) {
    last().opens();
    time.now += seconds * 1000;
    last().ends(1012);
    assert.equal(heard.at(-1).retryIn, retryIn);
    connection.retry();
  }
  last().ends(1006, false);
});

Deno.test("replies belong to messages in the order of sending", () => {
  const { connection, time, heard, last } = started();
  last().opens();
  connection.send("one");
  time.now = 5;
  connection.send("two");
  time.now = 7;
  last().onmessage({ data: "1" });
  last().onmessage({ data: "2" });
  last().onmessage({ data: "3" });
  assert.deepEqual(heard.map(({ roundTrip }) => roundTrip), [7, 2, null]);
});

Deno.test("a reply that was asked for is not dispatched, and the unanswered are counted", () => {
  const { connection, heard, last } = started();
  last().opens();
  const replies = [];
  connection.send("one", (data) => replies.push(data) > 0);
  connection.send("two", (data) => replies.push(data) > 0);
  last().onmessage({ data: "1" });
  last().ends(1000);
  assert.deepEqual(replies, ["1"]);
  assert.deepEqual(heard.map(({ type }) => type), ["closed"]);
  assert.equal(heard[0].unanswered, 1);
});

Deno.test("sending is left to the browser, in every state", () => {
  const { connection, last } = started();
  assert.throws(() => connection.send("early"), { name: "InvalidStateError" });
  last().opens();
  last().ends(1000);
  assert.deepEqual(connection.send("late"), { readyState: 3, before: 0, after: 4 });
  assert.deepEqual(new Connection().send("never"), { readyState: null, before: 0, after: 0 });
});

Deno.test("a socket that was replaced says nothing any more", () => {
  const { connection, heard, last } = started();
  const first = last();
  first.opens();
  connection.connect("wss://host/sockets");
  assert.deepEqual(first.closedWith, [1000, "connecting again"]);
  assert.equal(first.onclose, null);
  assert.equal(connection.state, "connecting");
  assert.deepEqual(heard.map(({ type }) => type), ["replaced"]);
});

Deno.test("a replaced connection is told, with its state and its messages without a reply", () => {
  const { connection, heard, last } = started();
  connection.connect("wss://host/one"); // still connecting
  last().opens();
  connection.send("never answered");
  connection.connect("wss://host/two");
  connection.close(1000);
  connection.connect("wss://host/three"); // closing, after it never opened
  const told = heard.map(({ type, url, opened, unanswered }) => [type, url, opened, unanswered]);
  assert.deepEqual(told, [
    ["replaced", "wss://host/ws", false, 0],
    ["replaced", "wss://host/one", true, 1],
    ["replaced", "wss://host/two", false, 0],
  ]);
});

Deno.test("a connection that is over is not replaced, and a wait for it ends", () => {
  const { connection, heard, last } = started();
  last().opens();
  last().ends(1012);
  connection.connect("wss://host/other");
  last().ends(1006, false);
  connection.connect("wss://host/ws");
  assert.deepEqual(heard.map(({ type }) => type), ["closed", "closed"]);
  assert.equal(Socket.made.length, 3);
});

Deno.test("an address that the browser does not try is told, and the connection stays", () => {
  const { connection, heard, last } = started();
  last().opens();
  connection.connect("wss://host/other", ["a,b"]);
  assert.deepEqual(heard.map(({ type, error }) => [type, error.message]), [[
    "refused",
    "bad: a,b",
  ]]);
  assert.equal(connection.state, "open");
  assert.equal(connection.url, "wss://host/ws");
  assert.equal(last().closedWith, undefined);
  last().onmessage({ data: "still here" });
  assert.equal(heard[1].data, "still here");
  last().ends(1012);
  connection.retry();
  assert.deepEqual([last().url, last().protocols], ["wss://host/ws", ["a"]]);
});

Deno.test("a connection that was refused at first leaves nothing", () => {
  const connection = new Connection({ open: opening });
  connection.connect("wss://host/ws", ["a,b"]);
  assert.equal(connection.state, "idle");
});

Deno.test("tries in a row that did not open are counted", () => {
  const { connection, heard, last } = started();
  const ends = (opens) => {
    if (opens) last().opens();
    last().ends(1006, false);
    connection.retry();
  };
  for (const opens of [true, false, false, false, true, false]) ends(opens);
  assert.deepEqual(heard.map(({ failures }) => failures), [0, 1, 2, 3, 0, 1]);
  connection.connect("wss://host/other");
  last().ends(1006, false);
  assert.equal(heard.at(-1).failures, 1);
});
