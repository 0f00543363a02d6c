// Why a WebSocket did not open. The browser tells a page nothing but 1006 (it
// would let pages map out networks), so the page asks the same path by fetch.

const MAKE_STATUS = "make status, and make logs";

// What a plain answer tells of the WebSocket that failed, and what to try.
const ANSWERS = {
  401: ["The server wants a login first", ["Log in, in this browser, then connect again."]],
  403: ["The server refuses this path, or this page's origin", [
    "Is the page of another origin than the server? Name it in ALLOWED_ORIGINS and start again.",
    "A server of your own may have a list of hosts or origins as well.",
  ]],
  404: ["There is nothing at this path for plain HTTP", [
    "Is the path right? The echo of this project has /ws and /sockets.",
    "A server of your own may answer 404 to plain HTTP where it takes WebSockets. Then its log says why it refused this one: a subprotocol, a cookie, an origin.",
  ]],
  421: ["The certificate is not for this host", ["Start it with the host in HOSTS."]],
  426: ["There is a WebSocket endpoint at this path, and the server answers", [
    "Try without subprotocols: a browser fails the connection if the server takes none of them.",
    "Connect again: it may have been restarting a moment ago.",
    "Is a proxy or a browser extension between? Some let HTTP through and WebSockets not.",
  ]],
  429: ["The server has as many connections as it takes", ["Close some, or try later."]],
  502: ["nginx answers, but the app behind it does not", [`Is the app running? ${MAKE_STATUS}`]],
  503: ["The server says that it is not available", [MAKE_STATUS]],
  504: ["nginx answers, but the app behind it took too long", [MAKE_STATUS]],
};

// {answer, advice}: what the server said, and what to try. path: with its query.
export async function ask(path, get = fetch) {
  const started = performance.now();
  let response;
  try {
    response = await get(path, { cache: "no-store", redirect: "manual" });
  } catch {
    return {
      answer: "The server does not answer at all, by HTTPS either.",
      advice: [
        `Is it running? ${MAKE_STATUS}`,
        "Open this page in a new tab. A certificate warning there: this device does not trust the root (any more); make certs",
      ],
    };
  }
  // Only that it answers is of interest, not how long a body it has.
  response.body?.cancel().catch(() => {});
  const took = Math.round(performance.now() - started);
  const [meaning, advice] = meaningOf(response);
  const said = response.status ? `${response.status} ${response.statusText}`.trim() : "a redirect";
  return {
    answer: `A plain request to it was answered: ${said}, in ${took} ms. ${meaning}.`,
    advice,
  };
}

function meaningOf({ status, ok, type }) {
  if (type === "opaqueredirect") {
    return ["A WebSocket does not follow redirects", [
      "Connect to the path that it leads to; often it is a slash at its end, one too many or one missing.",
    ]];
  }
  if (ok) {
    return ["Plain HTTP is served at this path, and most likely no WebSocket", [
      "Is the path right?",
    ]];
  }
  return ANSWERS[status] ?? ["The server answers, but not with a WebSocket", [MAKE_STATUS]];
}

// After it had been open: nothing to ask, only what it usually is.
export const CUT = {
  answer: "It had been open, and ended without a word.",
  advice: [
    "The network changed or broke, or this device slept.",
    "nginx was stopped or reloaded, or its time limit for silent connections passed.",
    "A message was longer than the server takes (WS_MAX_SIZE): it says 1009, which is lost if the browser is still sending.",
    `The server process ended without telling. ${MAKE_STATUS}`,
  ],
};
