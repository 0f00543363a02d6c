import assert from "node:assert/strict";
import { bytes, duration, hex, plural, size } from "../../../console/formats.js";
import { asText, History, matches, MOST_BYTES, MOST_ENTRIES } from "../../../console/history.js";

const at = new Date(2026, 10, 22, 9, 8, 7, 6);
const any = { direction: "", type: "", text: "" };
const binary = (...values) => new Uint8Array(values).buffer;

Deno.test("the history is bounded in length, and says how many it dropped", () => {
  const history = new History();
  for (let i = 0; i < MOST_ENTRIES + 3; i += 1) {
    history.add({ direction: "sent", data: `${i}`, size: 1 });
  }
  assert.equal(history.entries.length, MOST_ENTRIES);
  assert.equal(history.entries[0].data, "3");
  assert.equal(history.dropped, 3);
});

Deno.test("the history is bounded in bytes, and keeps the newest whatever its size", () => {
  const history = new History();
  history.add({ direction: "sent", data: "a", size: 1 });
  const { gone } = history.add({ direction: "received", data: "b", size: MOST_BYTES });
  assert.deepEqual(gone.map(({ data }) => data), ["a"]);
  history.add({ direction: "received", data: "c", size: MOST_BYTES + 1 });
  assert.deepEqual(history.entries.map(({ data }) => data), ["c"]);
  history.clear();
  history.add({ direction: "sent", data: "d", size: 1 });
  assert.deepEqual([history.entries.length, history.dropped], [1, 0]);
});

Deno.test("entries are found by direction, type and text", () => {
  const history = new History();
  const { entry: text } = history.add({ direction: "sent", data: "Hello", size: 5 });
  const { entry: bits } = history.add({ direction: "received", data: binary(0xca, 0xfe), size: 2 });
  const { entry: event } = history.add({ direction: "event", data: "closed 1000", size: 11 });
  const found = (criteria) =>
    [text, bits, event].filter((entry) => matches(entry, { ...any, ...criteria }));
  assert.deepEqual(found({}), [text, bits, event]);
  assert.deepEqual(found({ direction: "event" }), [event]);
  assert.deepEqual(found({ type: "text" }), [text]);
  assert.deepEqual(found({ text: "hELLO" }), [text]);
  assert.deepEqual(found({ text: "ca fe" }), [bits]);
});

Deno.test("as text, an entry is a line", () => {
  const history = new History();
  history.add({ direction: "sent", data: "a\nb\t", size: 4, at });
  history.add({ direction: "received", data: binary(1), size: 1, roundTrip: 12.345, at });
  assert.equal(
    asText(history.entries),
    '09:08:07.006\tsent\ttext\t4 B\t\t"a\\nb\\t"\n09:08:07.006\treceived\tbinary\t1 B\t12.3 ms\t01  |.|\n',
  );
});

Deno.test("sizes, times and bytes are as people read them", () => {
  assert.deepEqual([0, 1023, 1024, 10_240, 1_572_864].map(bytes), [
    "0 B",
    "1023 B",
    "1.0 KiB",
    "10 KiB",
    "1.5 MiB",
  ]);
  assert.deepEqual([0.0421, 1, 12.345, 999.9, 12_345].map(duration), [
    "42 µs",
    "1 ms",
    "12.3 ms",
    "1000 ms",
    "12.3 s",
  ]);
  assert.equal(hex(binary(72, 105, 0), 2), "48 69  |Hi| and 1 B more");
  assert.deepEqual([size("ä☃"), size(binary(1, 2))], [5, 2]);
  assert.deepEqual([plural(1, "reply", "replies"), plural(2000, "byte")], [
    "1 reply",
    "2,000 bytes",
  ]);
});
