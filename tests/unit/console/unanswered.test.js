import assert from "node:assert/strict";
import { carries, Unanswered } from "../../../console/unanswered.js";

const bytes = (...values) => new Uint8Array(values).buffer;

// How often the methods of typed arrays call a function that they are given.
function calls(action) {
  const shared = Object.getPrototypeOf(Uint8Array.prototype);
  const kept = new Map();
  let count = 0;
  for (const name of ["every", "find", "findIndex", "findLast", "forEach", "reduce", "some"]) {
    const method = shared[name];
    kept.set(name, method);
    shared[name] = function (called, ...rest) {
      const counted = (...values) => {
        count += 1;
        return called(...values);
      };
      return method.call(this, counted, ...rest);
    };
  }
  try {
    action();
  } finally {
    for (const [name, method] of kept) shared[name] = method;
  }
  return count;
}

function waiting(...messages) {
  const unanswered = new Unanswered();
  for (const data of messages) unanswered.add({ data });
  return unanswered;
}

Deno.test("a reply carries the message that is in it, in the message's own type", () => {
  assert(carries("hello", "hello"));
  assert(carries("Server Response to: hello", "hello"));
  assert(carries('{"text":"hello"}', "hello"));
  assert(carries(bytes(9, 1, 2), bytes(1, 2)));
  assert(!carries("lo", "hello"));
  assert(!carries(bytes(1, 2, 9), bytes(1, 2)));
  assert(!carries(bytes(2), bytes(1, 2)));
  assert(!carries("1", bytes(49)));
});

Deno.test("bytes are compared without a call of a function for each", () => {
  const message = new Uint8Array(1000).map((_, at) => at);
  const reply = message.slice();
  assert.equal(calls(() => message.every((byte, at) => byte === reply[at])), 1000);
  assert.equal(calls(() => assert(carries(reply.buffer, message.buffer))), 0);
});

Deno.test("replies that carry their messages may come in any order", () => {
  const unanswered = waiting("one", "two", "three");
  assert.equal(unanswered.take("re: two").data, "two");
  assert.equal(unanswered.take("re: one").data, "one");
  assert.equal(unanswered.length, 1);
});

Deno.test("the first of equal messages is answered first", () => {
  const unanswered = new Unanswered();
  unanswered.add({ data: "same", number: 1 });
  unanswered.add({ data: "same", number: 2 });
  assert.equal(unanswered.take("same").number, 1);
  assert.equal(unanswered.take("same").number, 2);
});

Deno.test("a server that says something of its own is answering in order", () => {
  const unanswered = waiting("one", "two");
  assert.equal(unanswered.take("ok").data, "one");
  assert.equal(unanswered.take("ok").data, "two");
});

Deno.test("a text that a server with echoes sends besides was pushed", () => {
  const unanswered = waiting("one", "two");
  unanswered.take("one");
  assert.equal(unanswered.take("tick"), undefined);
  assert.equal(unanswered.take("two").data, "two");
});

Deno.test("only an echo is a reply of a server that speaks unasked", () => {
  const unanswered = waiting();
  assert.equal(unanswered.take("welcome"), undefined);
  unanswered.add({ data: "one" });
  assert.equal(unanswered.take("tick"), undefined);
  assert.equal(unanswered.take("ada: one").data, "one");
});
