// Opens one WebSocket after another to the same address, and reports on each.
// Knows nothing of the page: tests pass in the clock, chance and the WebSocket.
import { mayPass } from "./codes.js";
import { Unanswered } from "./unanswered.js";

const FIRST_DELAY = 500; // milliseconds, of the first try to reconnect
const LONGEST_DELAY = 30_000;
// After a connection of this length the delays start again from the first one.
const STABLE = 10_000;

// The delay doubles with each try, and is then shortened at random, to half at most:
// otherwise all clients of a server that restarts would come back at the same moment.
export function backoff(attempt, random) {
  return Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** attempt) * (0.5 + random / 2);
}

// Events: "state", "message" {data, roundTrip}, "closed" {code, reason, wasClean,
// opened, byUs, unanswered, retryIn, failures: tries in a row that did not open},
// "replaced" {url, opened, unanswered}: closed for another WebSocket, and its events are
// ignored; "refused" {error}: the browser made no attempt, and the old WebSocket stays.
// States: idle, connecting, open, closing, closed, waiting (to reconnect).
export class Connection extends EventTarget {
  state = "idle";
  url = "";
  attempt = 0; // number of tries since the connection was last stable
  #socket = null;
  #protocols = [];
  #unanswered = new Unanswered();
  #openedAt = null;
  #everOpened = false;
  #failures = 0;
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

  // Whether it waits for the next try, or a try is under way.
  get reconnecting() {
    return this.state === "waiting" || (this.state === "connecting" && this.attempt > 0);
  }

  connect(url, protocols = []) {
    let socket;
    try {
      socket = this.#open(url, protocols);
    } catch (error) {
      this.#tell("refused", { error });
      return;
    }
    this.#drop();
    this.url = url;
    this.#protocols = protocols;
    this.attempt = 0;
    this.#everOpened = false;
    this.#failures = 0;
    this.#begin(socket);
  }

  // Throws WebSocket.close()'s own error for a code or reason that it refuses.
  close(code, reason) {
    if (this.state === "waiting") return this.stop();
    if (this.state !== "open" && this.state !== "connecting") return;
    this.#socket.close(code, reason);
    this.#leaving = true;
    this.#enter("closing");
  }

  // Hands the data to the browser in any state, and returns the effect.
  // onReply: gets the reply and its milliseconds; returns true to keep the reply from
  // being dispatched.
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
    if (this.state === "waiting") this.#again();
  }

  // Cancels the next try, or ends the one under way, which may take long to fail.
  stop() {
    if (!this.reconnecting) return;
    clearTimeout(this.#timer);
    if (this.state === "connecting") this.#leave("no more tries");
    this.#enter("closed");
  }

  // The browser does not refuse later an address that it has accepted once.
  #again() {
    this.#begin(this.#open(this.url, this.#protocols));
  }

  #begin(socket) {
    clearTimeout(this.#timer);
    this.#leaving = false;
    this.#openedAt = null;
    this.#unanswered = new Unanswered();
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      this.#openedAt = this.#now();
      this.#everOpened = true;
      this.#failures = 0;
      this.#enter("open");
    };
    socket.onmessage = ({ data }) => this.#received(data);
    socket.onclose = (event) => this.#ended(event);
    this.#enter("connecting");
  }

  #drop() {
    if (!["connecting", "open", "closing"].includes(this.state)) return;
    this.#leave("connecting again");
    const opened = this.#openedAt !== null;
    this.#tell("replaced", { url: this.url, opened, unanswered: this.#unanswered.length });
  }

  // Events of an old WebSocket say nothing about the present one.
  #leave(reason) {
    const socket = this.#socket;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close(1000, reason);
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
    if (!opened) this.#failures += 1;
    if (opened && this.#now() - this.#openedAt >= STABLE) this.attempt = 0;
    // If no WebSocket ever opened, waiting does not fix the cause.
    const again = this.#everOpened && !this.#leaving && mayPass(code);
    const retryIn = again ? backoff(this.attempt, this.#random()) : null;
    const unanswered = this.#unanswered.length;
    this.#unanswered = new Unanswered();
    if (again) {
      this.attempt += 1;
      this.#timer = setTimeout(() => this.#again(), retryIn);
    }
    this.#enter(again ? "waiting" : "closed");
    const [byUs, failures] = [this.#leaving, this.#failures];
    this.#tell("closed", { code, reason, wasClean, opened, byUs, unanswered, retryIn, failures });
  }

  #enter(state) {
    this.state = state;
    this.#tell("state", {});
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
