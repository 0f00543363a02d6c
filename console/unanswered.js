// Finds the message to which a reply belongs. The protocol does not say; an echo's reply
// has the message in it. Knows nothing of the page.

// Whether the message is in the reply: "hello", "Server Response to: hello",
// {"from": "ada", "text": "hello"}; for bytes, at its end.
export function carries(reply, message) {
  if (typeof reply !== typeof message) return false;
  if (typeof reply === "string") return reply.includes(message);
  const end = reply.byteLength - message.byteLength;
  if (end < 0) return false;
  return same(new Uint8Array(reply, end), new Uint8Array(message));
}

// A loop, because every() is ten times as slow: 14 ms for a MiB, which would make the
// burst's other round trips longer.
function same(one, other) {
  for (let at = 0; at < one.length; at += 1) {
    if (one[at] !== other[at]) return false;
  }
  return true;
}

// The messages of one connection that have no reply yet, in order.
export class Unanswered {
  #messages = [];
  // False once a reply had its message in it, or the server sent a message by itself. From
  // then on, a reply without a message in it belongs to none.
  #guess = true;

  get length() {
    return this.#messages.length;
  }

  // message: {data, ...}
  add(message) {
    this.#messages.push(message);
  }

  // The message to which this is the reply; undefined if there is none, or it is not known.
  take(reply) {
    const at = this.#messages.findIndex(({ data }) => carries(reply, data));
    if (at >= 0 || this.#messages.length === 0) this.#guess = false;
    if (at >= 0) return this.#messages.splice(at, 1)[0];
    return this.#guess ? this.#messages.shift() : undefined;
  }
}
