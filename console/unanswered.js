// Which reply belongs to which message. The protocol does not say; a server that
// echoes does, by what it answers. Free of the page.

// Whether the message is in the reply: "hello", "Server Response to: hello",
// {"from": "ada", "text": "hello"}; for bytes, at its end.
export function carries(reply, message) {
  if (typeof reply !== typeof message) return false;
  if (typeof reply === "string") return reply.includes(message);
  const end = reply.byteLength - message.byteLength;
  if (end < 0) return false;
  return same(new Uint8Array(reply, end), new Uint8Array(message));
}

// every() calls a function for each byte, ten times as slow: 14 ms for a MiB, which
// the round trips of a burst's other replies would have in them.
function same(one, other) {
  for (let at = 0; at < one.length; at += 1) {
    if (one[at] !== other[at]) return false;
  }
  return true;
}

// The messages of one connection that have no reply yet, in order.
export class Unanswered {
  #messages = [];
  // Once it is known that replies carry their messages, or that the server speaks
  // unasked, a reply that carries none is nobody's.
  #guess = true;

  get length() {
    return this.#messages.length;
  }

  // message: {data, ...}
  add(message) {
    this.#messages.push(message);
  }

  // The message that this is the reply to; undefined: to none, or nobody knows.
  take(reply) {
    const at = this.#messages.findIndex(({ data }) => carries(reply, data));
    if (at >= 0 || this.#messages.length === 0) this.#guess = false;
    if (at >= 0) return this.#messages.splice(at, 1)[0];
    return this.#guess ? this.#messages.shift() : undefined;
  }
}
