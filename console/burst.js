// Sends many messages, a few at a time, and measures each round trip. Knows nothing of the page.

export const LIMITS = {
  messages: 20_000,
  size: 1024 * 1024,
  window: 1000,
  total: 256 * 1024 * 1024,
};

// Different messages in rotation, so that compression gains no more than with real
// data. They are made before the clock starts.
const DIFFERENT = 64;
const RANDOM_AT_ONCE = 65_536; // the most bytes of one call of getRandomValues

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

// The mistake in these numbers, or "".
export function wrong({ messages, size, window }) {
  const whole = (value, low, high) => Number.isInteger(value) && value >= low && value <= high;
  const { total } = LIMITS;
  if (!whole(messages, 1, LIMITS.messages)) {
    return `Messages: a whole number from 1 to ${LIMITS.messages}.`;
  }
  if (!whole(size, 0, LIMITS.size)) return `Bytes each: a whole number from 0 to ${LIMITS.size}.`;
  if (!whole(window, 1, LIMITS.window)) {
    return `In flight: a whole number from 1 to ${LIMITS.window}.`;
  }
  if (messages * size > total) {
    return `That is ${messages * size} bytes in all; ${total} are the most.`;
  }
  return "";
}

export function payloads({ messages, size, type }) {
  return Array.from({ length: Math.min(messages, DIFFERENT) }, () => {
    const data = new Uint8Array(size);
    for (let at = 0; at < size; at += RANDOM_AT_ONCE) {
      crypto.getRandomValues(data.subarray(at, at + RANDOM_AT_ONCE));
    }
    if (type === "binary") return data.buffer;
    return new TextDecoder().decode(data.map((byte) => ALPHABET.charCodeAt(byte % 64)));
  });
}

export class Burst {
  roundTrips = []; // milliseconds, in order
  sent = 0;
  state = "running"; // done, stopped, broken
  #connection;
  #plan;
  #payloads;
  #done;
  #onProgress;
  #startedAt = 0;
  #endedAt = 0;

  // plan: {messages, size, window, type}. onProgress: called at each reply.
  constructor(connection, plan, onProgress = () => {}) {
    this.#connection = connection;
    this.#plan = plan;
    this.#payloads = payloads(plan);
    this.#onProgress = onProgress;
  }

  // Called after the last reply, after stop(), or at the end of the connection.
  run() {
    return new Promise((resolve) => {
      this.#done = resolve;
      this.#connection.addEventListener("state", this.#watch);
      this.#startedAt = performance.now();
      for (let i = 0; i < this.#plan.window; i += 1) this.#send();
    });
  }

  stop() {
    this.#end("stopped");
  }

  get seconds() {
    return ((this.#endedAt || performance.now()) - this.#startedAt) / 1000;
  }

  #send() {
    if (this.state !== "running" || this.sent === this.#plan.messages) return;
    const payload = this.#payloads[this.sent % this.#payloads.length];
    this.sent += 1;
    // Still true after a stop: late replies belong to the burst, not to the log.
    this.#connection.send(payload, (_, roundTrip) => this.#replied(roundTrip));
  }

  #replied(roundTrip) {
    if (this.state === "running") {
      this.roundTrips.push(roundTrip);
      this.#onProgress(this);
      if (this.roundTrips.length === this.#plan.messages) this.#end("done");
      else this.#send();
    }
    return true;
  }

  #watch = () => {
    if (this.#connection.state !== "open") this.#end("broken");
  };

  #end(state) {
    if (this.state !== "running") return;
    this.state = state;
    this.#endedAt = performance.now();
    this.#connection.removeEventListener("state", this.#watch);
    this.#done(this);
  }
}

// The smallest value that is not below this many percent of all (nearest rank).
export function percentile(sorted, percent) {
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)];
}

// roundTrips: not empty.
export function summary(roundTrips) {
  const sorted = Float64Array.from(roundTrips).sort();
  return {
    min: sorted[0],
    p50: percentile(sorted, 50),
    p90: percentile(sorted, 90),
    p99: percentile(sorted, 99),
    max: sorted[sorted.length - 1],
  };
}

// Bins of equal width on a logarithmic axis: on a linear one a few slow values would
// put all others into one bin. {low, high, counts}; high is above every value.
export function bins(roundTrips, count) {
  // The browser's clock is not finer than a hundredth of a millisecond.
  const positive = Float64Array.from(roundTrips, (value) => Math.max(value, 0.01));
  const low = positive.reduce((a, b) => Math.min(a, b)) / 1.1;
  const high = positive.reduce((a, b) => Math.max(a, b)) * 1.1;
  const counts = new Array(count).fill(0);
  for (const value of positive) counts[Math.floor(position(value, low, high) * count)] += 1;
  return { low, high, counts };
}

// The place of a value on that axis, from 0 to 1.
export function position(value, low, high) {
  return Math.log(value / low) / Math.log(high / low);
}

// 1, 2 and 5 times powers of ten within the axis.
export function ticks(low, high) {
  const found = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power += 1) {
    for (const digit of [1, 2, 5]) {
      const tick = digit * 10 ** power;
      if (tick >= low && tick <= high) found.push(tick);
    }
  }
  return found;
}
