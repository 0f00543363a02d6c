// Formats numbers, times and bytes for people.

const UNITS = ["B", "KiB", "MiB", "GiB"];

export function bytes(count) {
  let unit = 0;
  let value = count;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit && value < 10 ? value.toFixed(1) : Math.round(value)} ${UNITS[unit]}`;
}

// Milliseconds, to three digits.
export function duration(ms) {
  if (ms >= 9995) return `${(ms / 1000).toFixed(1)} s`;
  if (ms >= 1) return `${Number(ms.toPrecision(3))} ms`;
  return `${Math.round(ms * 1000)} µs`;
}

export function clock(date) {
  const two = (value) => String(value).padStart(2, "0");
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(":");
  return `${time}.${String(date.getMilliseconds()).padStart(3, "0")}`;
}

export function plural(count, noun, nouns = `${noun}s`) {
  return `${count.toLocaleString("en")} ${count === 1 ? noun : nouns}`;
}

// The first bytes in hexadecimal and in ASCII.
export function hex(buffer, limit = 32) {
  const shown = new Uint8Array(buffer, 0, Math.min(limit, buffer.byteLength));
  const pairs = Array.from(shown, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
  const ascii = Array.from(
    shown,
    (byte) => byte > 31 && byte < 127 ? String.fromCharCode(byte) : ".",
  ).join("");
  const more = buffer.byteLength - shown.length;
  return `${pairs}  |${ascii}|${more ? ` and ${bytes(more)} more` : ""}`;
}

const encoder = new TextEncoder();

// The bytes of a message on the wire, before compression.
export function size(data) {
  return typeof data === "string" ? encoder.encode(data).length : data.byteLength;
}
