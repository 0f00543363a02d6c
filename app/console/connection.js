// One WebSocket after another to the same place, and what becomes of each.
// Free of the page: time, chance and the WebSocket itself can be handed in.
import { mayPass } from "./codes.js";
import { Unanswered } from "./unanswered.js";

const FIRST_DELAY = 500; // milliseconds, of the first try to reconnect
const LONGEST_DELAY = 30_000;
// Whoever was connected for this long begins with the first delay again.
const STABLE = 10_000;

// Doubled with each try. Between half of it and all, by chance: all clients of a
// server that restarts would come back at once otherwise, again and again.
export function backoff(attempt, random) {
  return Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** attempt) * (0.5 + random / 2);
}

// Events: "state", "message" {data, roundTrip}, "closed" {code, reason, wasClean,
// opened, byUs, unanswered, retryIn}, "refused" {error}: there is not even an attempt.
// States: idle, connecting, open, closing, closed, waiting (to reconnect).
export class Connection extends EventTarget {
  state = "idle";
  url = "";
  attempt = 0; // how often it has been tried again since it was last stable
  #socket = null;
  #protocols = [];
  #unanswered = new Unanswered();
  #openedAt = null;
  #everOpened = false;
  #leaving = false; // this end asked for the close
  #timer;
  #open;
  #now;
  #random;

  constructor({
    open = (url, protocols) => new WebSocket(url, protocols),
    now = () => performance.now(),
    random = Math.random,
  } = {}) {
    super();
    this.#open = open;
    this.#now = now;
    this.#random = random;
  }

  get protocol() {
    return this.#socket?.protocol ?? "";
  }

  get extensions() {
    return this.#socket?.extensions ?? "";
  }

  connect(url, protocols = []) {
    this.#drop();
    this.url = url;
    this.#protocols = protocols;
    this.attempt = 0;
    this.#everOpened = false;
    this.#try();
  }

  // Throws what WebSocket.close() throws, for a code or reason it does not take.
  close(code, reason) {
    if (this.state === "waiting") return this.stop();
    if (this.state !== "open" && this.state !== "connecting") return;
    this.#socket.close(code, reason);
    this.#leaving = true;
    this.#enter("closing");
  }

  // Hands it to the browser whatever the state, and tells what that did.
  // onReply: told the reply and the milliseconds that it took; true: the reply is
  // not to be dispatched.
  // Throws InvalidStateError while connecting, as WebSocket.send() does.
  send(data, onReply) {
    if (!this.#socket) return { readyState: null, before: 0, after: 0 };
    const socket = this.#socket;
    const before = socket.bufferedAmount;
    const sentAt = this.#now();
    socket.send(data);
    const readyState = socket.readyState;
    if (readyState === 1) this.#unanswered.add({ data, sentAt, onReply });
    return { readyState, before, after: socket.bufferedAmount };
  }

  retry() {
    if (this.state === "waiting") this.#try();
  }

  stop() {
    if (this.state !== "waiting") return;
    clearTimeout(this.#timer);
    this.#enter("closed");
  }

  #try() {
    clearTimeout(this.#timer);
    this.#leaving = false;
    this.#openedAt = null;
    this.#unanswered = new Unanswered();
    let socket;
    try {
      socket = this.#open(this.url, this.#protocols);
    } catch (error) {
      this.#socket = null;
      this.#enter("closed");
      this.#tell("refused", { error });
      return;
    }
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      this.#openedAt = this.#now();
      this.#everOpened = true;
      this.#enter("open");
    };
    socket.onmessage = ({ data }) => this.#received(data);
    socket.onclose = (event) => this.#ended(event);
    this.#enter("connecting");
  }

  // A socket that was replaced has nothing to say about the current one.
  #drop() {
    clearTimeout(this.#timer);
    const socket = this.#socket;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close(1000, "connecting anew");
    this.#socket = null;
  }

  #received(data) {
    const now = this.#now(); // before the search, which takes a while
    const sent = this.#unanswered.take(data);
    const roundTrip = sent ? now - sent.sentAt : null;
    if (sent?.onReply?.(data, roundTrip)) return;
    this.#tell("message", { data, roundTrip });
  }

  #ended({ code, reason, wasClean }) {
    const opened = this.#openedAt !== null;
    if (opened && this.#now() - this.#openedAt >= STABLE) this.attempt = 0;
    // Where nothing has ever opened, something is wrong that time does not mend.
    const again = this.#everOpened && !this.#leaving && mayPass(code);
    const retryIn = again ? backoff(this.attempt, this.#random()) : null;
    const unanswered = this.#unanswered.length;
    this.#unanswered = new Unanswered();
    if (again) {
      this.attempt += 1;
      this.#timer = setTimeout(() => this.#try(), retryIn);
    }
    this.#enter(again ? "waiting" : "closed");
    const byUs = this.#leaving;
    this.#tell("closed", { code, reason, wasClean, opened, byUs, unanswered, retryIn });
  }

  #enter(state) {
    this.state = state;
    this.#tell("state", {});
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
