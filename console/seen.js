// Asks the echo of this project at /handshake how it saw this request, or this WebSocket.
// Any other app may answer anything there. Knows nothing of the page.

export const PATH = "/handshake";
const DEADLINE = 10_000; // milliseconds
// The answers of nginx for an app that does not answer.
const NO_ANSWER = [502, 503, 504];

// Whether this is an answer of app/handshake.py.
export function isSeen(value) {
  const isObject = (one) => typeof one === "object" && one !== null;
  if (!isObject(value) || typeof value.http_version_to_app !== "string") return false;
  const { forwarded, websocket } = value;
  const lists = [websocket?.subprotocols, websocket?.extensions];
  return isObject(forwarded) && (websocket === null || lists.every(Array.isArray));
}

// {seen}, or {failed} with the reason, or {} if the app answers something else.
export async function byFetch(get = fetch) {
  // AbortSignal.timeout() is not in older browsers, Safari 15 for one.
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), DEADLINE);
  const { signal } = controller;
  try {
    const response = await get(PATH, { cache: "no-store", redirect: "manual", signal });
    if (NO_ANSWER.includes(response.status)) return { failed: `answered ${response.status}` };
    const isJson = /\bjson\b/.test(response.headers.get("Content-Type") ?? "");
    // An app with one page for all paths answers 200 here too.
    const text = response.ok && isJson ? await response.text() : "";
    const value = parsed(text);
    return isSeen(value) ? { seen: value } : {};
  } catch (error) {
    return { failed: error.message };
  } finally {
    clearTimeout(timer);
    controller.abort(); // the rest of the body is not needed
  }
}

// The same as byFetch, by a WebSocket. url: wss://host:port/handshake.
export function byWebSocket(url, protocols, open = (...given) => new WebSocket(...given)) {
  return new Promise((resolve) => {
    const socket = open(url, protocols);
    const timer = setTimeout(() => socket.close(), DEADLINE);
    socket.onmessage = ({ data }) => {
      const value = parsed(data);
      resolve(isSeen(value) ? { seen: value } : { failed: "another answer" });
    };
    // After a message this has no effect.
    socket.onclose = ({ code }) => {
      clearTimeout(timer);
      resolve({ failed: `closed with ${code}` });
    };
  });
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
