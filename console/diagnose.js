// Finds out why a WebSocket did not open. The browser tells a page only 1006 (more would
// let pages explore networks), so the page asks the same path with fetch.

const MAKE_STATUS = "make status, and make logs";

// A server limits each header, and a WebSocket uses HTTP/1.1, with all cookies in one header.
const COOKIES =
  "Are there too many cookies? A browser sends a host's cookies to all its ports, so localhost gets those of every project. Delete the cookies of this site in the browser's settings, then connect again.";
const MANY_COOKIES = 4096; // visible characters: half of the limit of the strictest servers

// The meaning of a plain answer for the WebSocket that failed, and steps to try.
const ANSWERS = {
  400: ["The server cannot read this request", [
    "Something between this browser and the server changes requests: a proxy, an extension?",
    COOKIES,
  ]],
  401: ["The server wants a login first", ["Log in, in this browser, then connect again."]],
  403: ["The server refuses this path, or this page's origin", [
    "Is the page of another origin than the server? Name it in ALLOWED_ORIGINS and start again.",
    "A server of your own may have a list of hosts or origins as well.",
  ]],
  404: ["There is nothing at this path for plain HTTP", [
    "Is the path right? The echo of this project has /ws and /sockets.",
    "A server of your own may answer 404 to plain HTTP where it takes WebSockets. Then its log says why it refused this one: a subprotocol, a cookie, an origin.",
  ]],
  414: ["The address is longer than the server takes", ["Send less in the query."]],
  421: ["The certificate is not for this host", ["Put the host into HOSTS, then: make up"]],
  426: ["There is a WebSocket endpoint at this path, and the server answers", [
    "Try without subprotocols: a browser fails the connection if the server takes none of them.",
    "Connect again: it may have been restarting a moment ago.",
    "Is a proxy or a browser extension between? Some let HTTP through and WebSockets not.",
    COOKIES,
  ]],
  429: ["The server takes no more new connections at this moment", ["Try again in a second."]],
  431: ["The headers of this request are larger than the server takes", [COOKIES]],
  502: ["nginx answers, but the app behind it does not", [`Is the app running? ${MAKE_STATUS}`]],
  503: ["The server is not available, or has as many connections as it takes", [
    "Close some. The limits are MAX_CONNECTIONS and MAX_CONNECTIONS_PER_ADDRESS.",
    MAKE_STATUS,
  ]],
  504: ["nginx answers, but the app behind it took too long", [MAKE_STATUS]],
};

// {answer, advice}: the server's answer, and steps to try. path: with its query. cookies: those
// that the page sees; a browser hides some.
export async function ask(path, get = fetch, cookies = globalThis.document?.cookie ?? "") {
  const started = performance.now();
  let response;
  try {
    response = await get(path, { cache: "no-store", redirect: "manual" });
  } catch {
    return {
      answer: "The server does not answer at all, by HTTPS either.",
      advice: withCookies([
        `Is it running? ${MAKE_STATUS}`,
        "Open this page in a new tab. A certificate warning there: this device does not trust the root (any more); make certs",
      ], cookies),
    };
  }
  // The status is enough; the body may be long.
  response.body?.cancel().catch(() => {});
  const took = Math.round(performance.now() - started);
  const [meaning, advice] = meaningOf(response);
  const said = response.status ? `${response.status} ${response.statusText}`.trim() : "a redirect";
  return {
    answer: `A plain request to it was answered: ${said}, in ${took} ms. ${meaning}.`,
    advice: withCookies(advice, cookies),
  };
}

function withCookies(advice, cookies) {
  if (cookies.length < MANY_COOKIES) return advice;
  const size = `This page has ${Math.round(cookies.length / 1024)} KiB of cookies. ${COOKIES}`;
  return [size, ...advice.filter((line) => line !== COOKIES)];
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

// For a WebSocket that was open: the usual causes, because there is nothing to ask.
export const CUT = {
  answer: "The connection was open, and ended without a Close frame.",
  advice: [
    "The network changed or broke, or this device slept.",
    "nginx was stopped or reloaded, or its time limit for silent connections passed.",
    "A message was longer than the server accepts (WS_MAX_SIZE): its 1009 is lost if it hangs up while the browser still sends.",
    `The server process ended without a Close frame. ${MAKE_STATUS}`,
  ],
};
