// The log on the page: rows, filter, clear, copy.
import { byId, make } from "./dom.js";
import { bytes, clock, duration, plural, size } from "./formats.js";
import { asText, History, matches, shown } from "./history.js";

const PREVIEW = 300; // characters of a text that are shown at first
const WHOLE = 50_000; // characters that an unfolded text shows
const SIGNS = { sent: "↑", received: "↓", event: "•" };

export class Log {
  #history = new History();
  #rows = new Map(); // by the entry's id
  #list = byId("log");
  #box = byId("log-box"); // the element that scrolls
  #form = byId("filter");
  // At the end, the log follows new messages; a reader who scrolled up stays there.
  #following = true;
  #top = 0; // the last known scroll position

  constructor() {
    this.#box.addEventListener("scroll", () => this.#look());
    // A user who unfolds a message is reading it.
    this.#list.addEventListener("toggle", () => this.#following = false, true);
    // The box is as high as the cards beside it, and its height changes with theirs.
    new ResizeObserver(() => this.#follow()).observe(this.#box);
    this.#form.addEventListener("input", () => this.#filter());
    this.#form.addEventListener("submit", (event) => event.preventDefault());
    byId("clear").addEventListener("click", () => this.#clear());
    byId("copy").addEventListener("click", () => this.#copy());
    this.#count();
  }

  sent(data) {
    return this.#add({ direction: "sent", data, size: size(data) });
  }

  received(data, roundTrip) {
    this.#add({ direction: "received", data, size: size(data), roundTrip });
  }

  note(text) {
    this.#add({ direction: "event", data: text, size: text.length });
  }

  #add(what) {
    this.#look();
    const { entry, gone } = this.#history.add(what);
    for (const { id } of gone) {
      this.#rows.get(id).remove();
      this.#rows.delete(id);
    }
    const made = row(entry);
    made.hidden = !matches(entry, this.#criteria());
    this.#rows.set(entry.id, made);
    this.#list.append(made);
    this.#follow();
    this.#count();
  }

  #atEnd() {
    return this.#box.scrollHeight - this.#box.scrollTop - this.#box.clientHeight < 40;
  }

  // A distance from the end is no proof that the user scrolled: the box may have shrunk.
  #look() {
    const up = this.#box.scrollTop < this.#top;
    this.#top = this.#box.scrollTop;
    if (this.#atEnd()) this.#following = true;
    else if (up) this.#following = false;
  }

  #follow() {
    if (!this.#following) return;
    this.#box.scrollTop = this.#box.scrollHeight;
    this.#top = this.#box.scrollTop;
  }

  #criteria() {
    return Object.fromEntries(new FormData(this.#form));
  }

  #visible() {
    const criteria = this.#criteria();
    return this.#history.entries.filter((entry) => matches(entry, criteria));
  }

  #filter() {
    const visible = new Set(this.#visible().map(({ id }) => id));
    for (const [id, element] of this.#rows) element.hidden = !visible.has(id);
    this.#following = true;
    this.#follow();
    this.#count();
    // A screen reader reads out only this: the count changes with every message.
    byId("filtered").textContent = byId("count").textContent;
  }

  #count() {
    const all = this.#rows.size;
    const visible = [...this.#rows.values()].filter(({ hidden }) => !hidden).length;
    const { dropped } = this.#history;
    byId("empty").hidden = visible > 0;
    byId("empty").textContent = all ? "Nothing here passes the filter." : "Nothing yet.";
    const shownOf = visible === all
      ? plural(all, "entry", "entries")
      : `${visible} of ${all} shown`;
    byId("count").textContent = dropped ? `${shownOf}; the oldest ${dropped} dropped` : shownOf;
  }

  #clear() {
    this.#history.clear();
    this.#rows.clear();
    this.#list.replaceChildren();
    this.#following = true;
    byId("copy-text").value = "";
    byId("copy-text").hidden = true;
    this.#count();
    this.#say("Cleared.");
  }

  async #copy() {
    const entries = this.#visible();
    const text = asText(entries);
    const fallback = byId("copy-text");
    fallback.hidden = true;
    try {
      await navigator.clipboard.writeText(text);
      this.#say(`Copied: ${entries.length}.`);
    } catch (error) {
      // No permission, or no clipboard: the text is selected, for the user to press Ctrl+C.
      fallback.value = text;
      fallback.hidden = false;
      fallback.focus();
      fallback.select();
      this.#say(
        `The browser does not let the page copy (${error.name}). It is selected below: press Ctrl+C or ⌘C.`,
      );
    }
  }

  #say(text) {
    byId("log-status").textContent = text;
  }
}

function row(entry) {
  const { direction, type, data, roundTrip } = entry;
  const meta = make(
    "span",
    { className: "meta" },
    make("time", { dateTime: entry.at.toISOString() }, clock(entry.at)),
    make(
      "span",
      { className: "direction" },
      make("span", { "aria-hidden": "true" }, SIGNS[direction]),
      ` ${direction}`,
    ),
  );
  if (type) meta.append(make("span", {}, type), make("span", {}, bytes(entry.size)));
  if (roundTrip !== null) {
    meta.append(
      make("span", {
        className: "round-trip",
        title: "From the message that this answers",
      }, `RTT ${duration(roundTrip)}`),
    );
  }
  if (type === "binary" && data.byteLength) meta.append(save(entry));
  return make("li", { className: `entry ${direction}` }, meta, payload(entry));
}

function payload(entry) {
  const text = shown(entry);
  if (!text) return make("code", { className: "payload empty" }, "(empty)");
  if (text.length <= PREVIEW) return make("code", { className: "payload" }, text);
  const cut = text.length > WHOLE
    ? `… (${plural(text.length - WHOLE, "character")} more; Copy has them all)`
    : "";
  const whole = make("code", { className: "payload" });
  const details = make(
    "details",
    {},
    make("summary", {}, make("code", {}, `${text.slice(0, PREVIEW)}…`)),
    whole,
  );
  // Made when the user unfolds it: a long text in each of 500 rows is slow.
  details.addEventListener("toggle", () => {
    whole.textContent = text.slice(0, WHOLE) + cut;
  }, { once: true });
  return details;
}

function save({ id, data, direction }) {
  const button = make("button", {
    type: "button",
    className: "link",
    "aria-label": `Save binary message ${id}`,
  }, "save");
  button.addEventListener("click", () => {
    const url = URL.createObjectURL(new Blob([data]));
    make("a", { href: url, download: `${direction}-${id}.bin` }).click();
    // A URL that is revoked at once might be gone before the download starts.
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
  });
  return button;
}
