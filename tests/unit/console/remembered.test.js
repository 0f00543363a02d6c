import assert from "node:assert/strict";
import { recall, remember } from "../../../console/remembered.js";

// As much of localStorage as is used.
function storing(value = null) {
  const storage = {
    value,
    getItem: () => storage.value,
    setItem: (_, text) => storage.value = text,
  };
  return () => storage;
}

Deno.test("typed texts are remembered", () => {
  const storage = storing();
  assert.equal(recall(storage), null);
  remember({ endpoint: "/chat?room=1", protocols: "v2, v1" }, storage);
  assert.deepEqual(recall(storage), { endpoint: "/chat?room=1", protocols: "v2, v1" });
});

Deno.test("values that the app wrote there are taken for texts alone", () => {
  for (
    const value of [
      "",
      "{",
      "7",
      "null",
      "[]",
      '{"endpoint": "/ws"}',
      '{"endpoint": {}, "protocols": ""}',
    ]
  ) {
    assert.equal(recall(storing(value)), null, value);
  }
});

Deno.test("a browser that keeps nothing is no trouble", () => {
  const refused = () => {
    throw new DOMException("The operation is insecure.", "SecurityError");
  };
  remember({ endpoint: "/ws", protocols: "" }, refused);
  assert.equal(recall(refused), null);
});
