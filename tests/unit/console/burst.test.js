import assert from "node:assert/strict";
import {
  bins,
  Burst,
  LIMITS,
  payloads,
  percentile,
  position,
  summary,
  ticks,
  wrong,
} from "../../../console/burst.js";

// Answers each message when told to.
class Echo extends EventTarget {
  state = "open";
  waiting = [];
  most = 0;
  send(data, onReply) {
    this.waiting.push(() => onReply(data, 1));
    this.most = Math.max(this.most, this.waiting.length);
  }
  answer() {
    return this.waiting.shift()();
  }
  leaves(state) {
    this.state = state;
    this.dispatchEvent(new Event("state"));
  }
}

const PLAN = { messages: 10, size: 4, window: 3, type: "text" };

Deno.test("no more than the window are in flight, and all are sent", async () => {
  const echo = new Echo();
  const burst = new Burst(echo, PLAN);
  const ended = burst.run();
  while (echo.waiting.length) assert.equal(echo.answer(), true);
  await ended;
  assert.deepEqual([burst.state, burst.sent, burst.roundTrips.length, echo.most], [
    "done",
    10,
    10,
    3,
  ]);
});

Deno.test("a burst ends when its connection does, and when it is told to", async () => {
  for (
    const [state, end] of [["broken", (echo) => echo.leaves("waiting")], [
      "stopped",
      (_, burst) => burst.stop(),
    ]]
  ) {
    const echo = new Echo();
    const burst = new Burst(echo, PLAN);
    const ended = burst.run();
    echo.answer();
    end(echo, burst);
    await ended;
    assert.deepEqual([burst.state, burst.roundTrips.length], [state, 1]);
    // A late reply is kept from the log, and sends nothing more.
    assert.equal(echo.answer(), true);
    assert.equal(burst.sent, 4);
  }
});

Deno.test("payloads have the size and type, and differ", () => {
  const texts = payloads({ messages: 3, size: 100_000, type: "text" });
  assert.deepEqual(texts.map((text) => new TextEncoder().encode(text).length), [
    100_000,
    100_000,
    100_000,
  ]);
  assert.equal(new Set(texts).size, 3);
  const [binary] = payloads({ messages: 1, size: 7, type: "binary" });
  assert.ok(binary instanceof ArrayBuffer);
  assert.equal(binary.byteLength, 7);
});

Deno.test("wrong numbers are named", () => {
  assert.equal(wrong({ messages: 1, size: 0, window: 1 }), "");
  assert.match(wrong({ messages: 0, size: 1, window: 1 }), /^Messages/);
  assert.match(wrong({ messages: 1.5, size: 1, window: 1 }), /^Messages/);
  assert.match(wrong({ messages: 1, size: NaN, window: 1 }), /^Bytes/);
  assert.match(wrong({ messages: 1, size: 1, window: LIMITS.window + 1 }), /^In flight/);
  assert.match(wrong({ messages: LIMITS.messages, size: LIMITS.size, window: 1 }), /in all/);
});

Deno.test("percentiles are values that were measured", () => {
  const values = Array.from({ length: 100 }, (_, i) => 100 - i);
  assert.deepEqual(summary(values), { min: 1, p50: 50, p90: 90, p99: 99, max: 100 });
  assert.equal(percentile([7], 50), 7);
});

Deno.test("every round trip is in a bin, a zero and equal ones too", () => {
  for (const values of [[1, 2, 3, 1000], [5, 5, 5], [0, 0.1]]) {
    const { low, high, counts } = bins(values, 10);
    assert.equal(counts.reduce((a, b) => a + b), values.length);
    assert.equal(counts.length, 10);
    assert.ok(low > 0 && low < high);
  }
});

Deno.test("the axis is logarithmic, with its ticks inside", () => {
  assert.equal(position(1, 1, 100), 0);
  assert.equal(position(10, 1, 100), 0.5);
  assert.deepEqual(ticks(0.9, 21), [1, 2, 5, 10, 20]);
});
