import assert from "node:assert/strict";
import { closable, describe, mayPass } from "../../../console/codes.js";

Deno.test("every code has a name and a meaning, listed or not", () => {
  for (let code = 0; code < 5100; code += 1) {
    const { name, meaning } = describe(code);
    assert.ok(name && meaning, `${code}`);
  }
  assert.equal(describe(1012).name, "Service Restart");
  assert.equal(describe(4321).name, "Private Use");
  assert.equal(describe(999).name, "Invalid");
});

Deno.test("a close that time does not fix is not tried again", () => {
  for (const code of [1001, 1006, 1012, 1013]) assert.ok(mayPass(code), `${code}`);
  for (const code of [1000, 1002, 1005, 1007, 1008, 1009, 1010, 3000, 3003, 4000]) {
    assert.ok(!mayPass(code), `${code}`);
  }
});

Deno.test("a page may close with 1000 and from 3000 to 4999", () => {
  const taken = [999, 1000, 1001, 2999, 3000, 4999, 5000].filter(closable);
  assert.deepEqual(taken, [1000, 3000, 4999]);
});
