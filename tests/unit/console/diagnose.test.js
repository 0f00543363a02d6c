import assert from "node:assert/strict";
import { ask } from "../../../console/diagnose.js";

const answering = (status) => () => Promise.resolve(new Response("", { status }));

Deno.test("every answer is said, with what it means and what to try", async () => {
  const meant = {
    200: "Plain HTTP",
    403: "origin",
    404: "nothing at this path",
    426: "WebSocket endpoint",
    500: "not with a WebSocket",
    502: "the app behind it does not",
  };
  for (const [status, words] of Object.entries(meant)) {
    const { answer, advice } = await ask("/x", answering(Number(status)));
    assert.ok(answer.includes(`${status}`) && answer.includes(words), answer);
    assert.ok(advice.length, `${status}`);
  }
});

Deno.test("no answer at all is another thing", async () => {
  const { answer, advice } = await ask(
    "/x",
    () => Promise.reject(new TypeError("Failed to fetch")),
  );
  assert.match(answer, /does not answer at all/);
  assert.ok(advice.some((line) => line.includes("certificate")));
});

Deno.test("a redirect is not followed, and said", async () => {
  let options;
  const { answer, advice } = await ask("/x", (_, given) => {
    options = given;
    return Promise.resolve({ status: 0, ok: false, type: "opaqueredirect", body: null });
  });
  assert.equal(options.redirect, "manual");
  assert.match(answer, /a redirect/);
  assert.match(advice[0], /a slash at its end, one too many or one missing/);
});
