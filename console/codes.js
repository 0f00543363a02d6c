// Close codes in words, and the codes after which another try may help.
// RFC 6455, section 7.4.1, and IANA's WebSocket Close Code Number Registry.

const CODES = {
  1000: ["Normal Closure", "The connection has done its work."],
  1001: ["Going Away", "The server is shutting down, or a page was left."],
  1002: ["Protocol Error", "One end got a frame that the protocol does not allow."],
  1003: ["Unsupported Data", "One end got a type of data that it does not accept, such as binary."],
  1004: ["Reserved", "No meaning was ever given to this code."],
  1005: [
    "No Status Received",
    "The Close frame had no code. The browser shows this code, which nobody sends.",
  ],
  1006: [
    "Abnormal Closure",
    "There was no Close frame. The browser shows this code, which nobody sends.",
  ],
  1007: [
    "Invalid Payload Data",
    "A message was not what its type says, such as text that is not UTF-8.",
  ],
  1008: ["Policy Violation", "The other end does not allow this, and has no better code for it."],
  1009: [
    "Message Too Big",
    "A message was longer than the other end accepts: WS_MAX_SIZE, or your own server's limit.",
  ],
  1010: ["Mandatory Extension", "The client needed an extension that the server did not agree to."],
  1011: ["Internal Error", "The server failed at this request. Its log has the reason: make logs"],
  1012: ["Service Restart", "The server is restarting."],
  1013: ["Try Again Later", "The server has too much to do."],
  1014: ["Bad Gateway", "A proxy got no valid answer from the server behind it."],
  1015: ["TLS Handshake", "TLS failed. This code is never sent, and browsers say 1006 instead."],
  3000: ["Unauthorized", "The endpoint wants to know who you are."],
  3003: ["Forbidden", "You may not use this endpoint."],
  3008: ["Timeout", "The endpoint waited too long for something."],
};

export function describe(code) {
  const [name, meaning] = CODES[code] ?? unlisted(code);
  return { name, meaning };
}

function unlisted(code) {
  if (code >= 4000 && code <= 4999) {
    return ["Private Use", "Its meaning is up to this application."];
  }
  if (code >= 3000 && code <= 3999) {
    return ["Registered Use", "For libraries and frameworks; IANA lists no meaning of it here."];
  }
  if (code >= 1000 && code <= 2999) {
    return ["Unassigned", "Reserved for the protocol, and without a meaning so far."];
  }
  return ["Invalid", "No endpoint may send this code."];
}

// Codes of a server that restarts or is overloaded. After any other code a new try would
// end in the same way.
const PASSING = new Set([1001, 1006, 1011, 1012, 1013, 1014]);

export const mayPass = (code) => PASSING.has(code);

// The codes that WebSocket.close() accepts.
export const closable = (code) => code === 1000 || (code >= 3000 && code <= 4999);
