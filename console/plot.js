// The burst on the page: its form, its progress, and the plot of its round trips.
import { bins, Burst, LIMITS, position, summary, ticks, wrong } from "./burst.js";
import { byId, make } from "./dom.js";
import { duration, plural } from "./formats.js";

const SVG = "http://www.w3.org/2000/svg";
const BINS = 48;
const [HEIGHT, FOOT, HEAD] = [200, 24, 36]; // pixels
const WORDS = {
  done: "",
  stopped: " Stopped before the end.",
  broken: " The connection ended before the last reply.",
};

export class BurstCard {
  #connection;
  #note;
  #burst = null;

  // note: called with a line for the log.
  constructor(connection, note) {
    this.#connection = connection;
    this.#note = note;
    byId("burst").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#start();
    });
    byId("burst-stop").addEventListener("click", () => {
      if (this.#burst) this.#burst.stop();
      else this.#say("No burst is running.");
    });
    for (const name of ["messages", "size", "window"]) byId(`burst-${name}`).max = LIMITS[name];
  }

  async #start() {
    if (this.#burst) return;
    const { type, ...texts } = Object.fromEntries(new FormData(byId("burst")));
    const numbers = Object.fromEntries(
      Object.entries(texts).map(([name, text]) => [name, Number(text || NaN)]),
    );
    const why = wrong(numbers) ||
      (this.#connection.state === "open" ? "" : "Not connected: a burst needs an open connection.");
    if (why) return this.#say(why);
    const progress = byId("burst-progress");
    progress.max = numbers.messages;
    progress.value = 0;
    progress.hidden = false;
    this.#say(`Sending ${plural(numbers.messages, "message")}…`);
    this.#burst = new Burst(this.#connection, { ...numbers, type }, ({ roundTrips }) => {
      progress.value = roundTrips.length;
    });
    const ended = await this.#burst.run();
    this.#burst = null;
    progress.hidden = true;
    this.#show(ended, { ...numbers, type });
  }

  #show(burst, { messages, size, window, type }) {
    const { roundTrips, seconds, state } = burst;
    const plan = `${plural(messages, "message")} of ${
      plural(size, "byte")
    } (${type}), ${window} in flight`;
    if (!roundTrips.length) {
      byId("burst-result").hidden = true;
      this.#say(`No reply at all.${WORDS[state]}`);
      this.#note(`burst: ${plan}: no reply`);
      return;
    }
    const found = summary(roundTrips);
    const rate = Math.round(roundTrips.length / seconds);
    const { p50, p90, p99, max } = found;
    const facts = [["p50", p50], ["p90", p90], ["p99", p99], ["max", max]].map((
      [name, ms],
    ) => [name, duration(ms)]);
    facts.push(["rate", `${rate.toLocaleString("en")}/s`]);
    byId("burst-facts").replaceChildren(
      ...facts.map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", {}, value))),
    );
    const words =
      `${plan}: ${plural(roundTrips.length, "reply", "replies")} in ${duration(seconds * 1000)}. ` +
      `Half of the round trips took at most ${duration(p50)}, 90\u00a0% ${duration(p90)}, ` +
      `99\u00a0% ${duration(p99)}, the longest ${duration(max)}.${WORDS[state]}`;
    byId("burst-result").hidden = false;
    // The plot takes all the width, so that its letters are as large as all others.
    const frame = byId("burst-plot");
    frame.replaceChildren(plot(frame.clientWidth, roundTrips, found, words));
    this.#say(words);
    this.#note(`burst: ${plan}: ${facts.map(([name, value]) => `${name} ${value}`).join(", ")}`);
  }

  #say(text) {
    byId("burst-status").textContent = text;
  }
}

// An SVG histogram, with the percentiles as lines.
export function plot(width, roundTrips, found, words) {
  const { low, high, counts } = bins(roundTrips, BINS);
  const most = Math.max(...counts);
  const x = (value) => position(Math.max(value, low), low, high) * width;
  const base = HEIGHT - FOOT;
  const svg = draw("svg", {
    viewBox: `0 0 ${width} ${HEIGHT}`,
    role: "img",
    "aria-label": `Histogram of round trips. ${words}`,
  });
  counts.forEach((count, bin) => {
    if (!count) return;
    // A bin with one value must be visible beside one with thousands.
    const height = Math.max(2, (count / most) * (base - HEAD));
    const left = (bin * width) / BINS;
    svg.append(
      draw("rect", {
        class: "bar",
        x: left + 0.5,
        y: base - height,
        width: width / BINS - 1,
        height,
      }),
    );
  });
  svg.append(draw("line", { class: "axis", x1: 0, x2: width, y1: base, y2: base }));
  let free = 0;
  for (const tick of ticks(low, high)) {
    const at = x(tick);
    svg.append(draw("line", { class: "axis", x1: at, x2: at, y1: base, y2: base + 4 }));
    // A label that would touch the one before it, or the edge, is left out.
    if (at < Math.max(free, 18) || at > width - 18) continue;
    svg.append(label(duration(tick), at, HEIGHT - 6, "middle"));
    free = at + 56;
  }
  for (const [row, name] of ["p50", "p90", "p99"].entries()) {
    const at = x(found[name]);
    const y = 10 + row * 11;
    svg.append(draw("line", { class: `mark ${name}`, x1: at, x2: at, y1: y - 8, y2: base }));
    const beside = at > width - 40;
    svg.append(label(name, beside ? at - 4 : at + 4, y, beside ? "end" : "start"));
  }
  return svg;
}

function label(text, x, y, anchor) {
  const element = draw("text", { x, y, "text-anchor": anchor });
  element.textContent = text;
  return element;
}

function draw(tag, attributes) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}
