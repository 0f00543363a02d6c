// For Node, deno and bun. A WebSocket does not tell why it failed; fetch does.
// Node has a WebSocket from version 22 on; an older one carries the bytes over TLS.
const inDeno = "Deno" in globalThis;
const [port, url, text, request, frame, reply] = inDeno ? Deno.args : process.argv.slice(2);

function end(why) {
  if (why) console.error(why);
  else console.log(text);
  if (inDeno) Deno.exit(why ? 1 : 0);
  process.exit(why ? 1 : 0);
}
function words(error) {
  const cause = error.cause ?? error;
  return [cause.code, cause.message].filter(Boolean).join(": ") || String(cause);
}

if (!inDeno && process.env.NODE_TLS_REJECT_UNAUTHORIZED === "0")
  end("NODE_TLS_REJECT_UNAUTHORIZED=0 turns verification off");

if ("WebSocket" in globalThis) {
  const socket = new WebSocket(url);
  socket.onopen = () => socket.send(text);
  socket.onmessage = (event) => end(event.data === text ? "" : "the echo was not what was sent");
  socket.onerror = async (event) => {
    const why = event.message || event.error?.message || "the WebSocket did not open";
    try { await fetch(`https://localhost:${port}/`); } catch (error) { return end(words(error)); }
    end(why);
  };
} else {
  const tls = await import("node:tls");
  const socket = tls.connect({ host: "localhost", servername: "localhost", port: Number(port) });
  let answer = "";
  socket.on("secureConnect", () => socket.write(Buffer.from(request + frame, "hex")));
  socket.on("data", (data) => {
    answer += data.toString("hex");
    if (answer.includes(reply)) end("");
  });
  socket.on("error", (error) => end(words(error)));
  socket.on("close", () => end("the echo did not come"));
}
