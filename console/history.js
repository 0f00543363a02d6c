// The messages sent and received, and notes: a bounded list, with a filter, as text. Knows
// nothing of the page.
import { bytes, clock, duration, hex } from "./formats.js";

export const MOST_ENTRIES = 500;
export const MOST_BYTES = 64 * 1024 * 1024;

// An entry: {id, at (Date), direction: sent | received | event, type: text |
// binary | "", size (bytes), data (string | ArrayBuffer), roundTrip (ms | null)}.
export class History {
  entries = [];
  dropped = 0;
  #size = 0;
  #next = 1;

  // Returns the entry, and the old ones that were dropped for it.
  add({ direction, data, size, roundTrip = null, at = new Date() }) {
    const type = direction === "event" ? "" : typeof data === "string" ? "text" : "binary";
    const entry = { id: this.#next, at, direction, type, size, data, roundTrip };
    this.#next += 1;
    this.entries.push(entry);
    this.#size += size;
    const gone = [];
    while (
      this.entries.length > MOST_ENTRIES || (this.#size > MOST_BYTES && this.entries.length > 1)
    ) {
      const oldest = this.entries.shift();
      this.#size -= oldest.size;
      gone.push(oldest);
    }
    this.dropped += gone.length;
    return { entry, gone };
  }

  clear() {
    this.entries = [];
    this.dropped = 0;
    this.#size = 0;
  }
}

// criteria: {direction, type: "" for any; text: to be found in texts, in any case}.
export function matches(entry, { direction, type, text }) {
  if (direction && entry.direction !== direction) return false;
  if (type && entry.type !== type) return false;
  return !text || shown(entry).toLowerCase().includes(text.toLowerCase());
}

export function shown(entry) {
  return typeof entry.data === "string" ? entry.data : hex(entry.data);
}

// One line for each entry, with tabs, for spreadsheets. Texts are in JSON's quotes, so
// that a text with line breaks stays on its line.
export function asText(entries) {
  const line = (entry) =>
    [
      clock(entry.at),
      entry.direction,
      entry.type,
      entry.direction === "event" ? "" : bytes(entry.size),
      entry.roundTrip === null ? "" : duration(entry.roundTrip),
      entry.type === "text" ? JSON.stringify(entry.data) : shown(entry),
    ].join("\t");
  return entries.map((entry) => `${line(entry)}\n`).join("");
}
