import assert from "node:assert/strict";
import { ask } from "../../../console/diagnose.js";

const answering = (status) => () => Promise.resolve(new Response("", { status }));

Deno.test("every answer is said, with what it means and what to try", async () => {
  const meant = {
    200: "Plain HTTP",
    400: "cannot read this request",
    403: "origin",
    404: "nothing at this path",
    414: "longer than the server takes",
    426: "WebSocket endpoint",
    431: "larger than the server takes",
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

Deno.test("cookies are named where they may be why", async () => {
  for (const status of [400, 426, 431]) {
    const { advice } = await ask("/ws", answering(status), "");
    assert.equal(advice.filter((line) => line.includes("cookies")).length, 1, `${status}`);
  }
});

Deno.test("many cookies are named first, once, whatever the answer", async () => {
  for (const status of [200, 404, 426, 431]) {
    const { advice } = await ask("/ws", answering(status), "c=x; ".repeat(2000));
    assert.match(advice[0], /^This page has 10 KiB of cookies/);
    assert.equal(advice.filter((line) => line.includes("Delete the cookies")).length, 1);
  }
});

Deno.test("many cookies are named where nothing answers: HTTP/2 may be closed for them", async () => {
  const refused = () => Promise.reject(new TypeError("Failed to fetch"));
  const { advice } = await ask("/ws", refused, "c=x; ".repeat(2000));
  assert.match(advice[0], /^This page has 10 KiB of cookies/);
});
