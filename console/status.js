// The state of the connection in words: what it is, why it ended, what to try.
import { describe } from "./codes.js";
import { byId, make } from "./dom.js";
import { clock, plural } from "./formats.js";

const NAMES = {
  idle: "Not connected",
  connecting: "Connecting",
  open: "Open",
  closing: "Closing",
  closed: "Closed",
  waiting: "Reconnecting",
};

// Only what changed: a screen reader reads it all out each time.
function put(id, text) {
  if (byId(id).textContent !== text) byId(id).textContent = text;
}

export class Status {
  #connection;
  #ticking;
  #reconnecting = false; // before this state
  #dueAt = 0;
  #said = 0; // how often say() was called

  constructor(connection) {
    this.#connection = connection;
    byId("retry").addEventListener("click", () => connection.retry());
    byId("stop").addEventListener("click", () => connection.stop());
  }

  // Called at each change of state.
  state() {
    const { state, url, protocol, extensions, reconnecting } = this.#connection;
    put("state", reconnecting ? NAMES.waiting : NAMES[state]);
    byId("state").dataset.state = state;
    put("address", url);
    this.#reconnect(reconnecting, state);
    // Through a try what was said stays: Stop does not move from under the finger.
    if (state === "connecting" && !reconnecting) this.say();
    if (state === "open") {
      // An app behind UPSTREAM has a setting of its own.
      const agreed = extensions || "none (WS_DEFLATE=1 compresses)";
      const chosen = `Subprotocol: ${protocol || "none"}. Extensions: ${agreed}.`;
      this.say(`Since ${clock(new Date()).slice(0, 8)}. ${chosen}`);
    }
    if (state === "closing") this.say("Waiting for the server's Close frame.");
    if (state === "closed" && this.#reconnecting) {
      // What to try is still true, and now there is time to read it.
      byId("detail").textContent = "No more tries.";
    }
    this.#reconnecting = reconnecting;
  }

  // detail: of the event "closed".
  closed({ code, reason, wasClean, opened, unanswered, retryIn }) {
    const { name, meaning } = describe(code);
    const parts = [make("strong", {}, `${code} ${name}.`), ` ${meaning}`];
    if (reason) parts.push(" Reason given: ", make("q", {}, reason));
    if (!opened) parts.push(" It never opened.");
    else if (!wasClean && code !== 1006) parts.push(" The closing handshake was not completed.");
    if (unanswered) parts.push(` ${plural(unanswered, "message")} had no reply.`);
    if (retryIn !== null) parts.push(` Try ${this.#connection.attempt} comes by itself.`);
    this.say(...parts);
    if (retryIn !== null) this.#count(retryIn);
  }

  // explanation: {answer, advice} of diagnose.js, or a promise of it. Whether it is
  // shown: not if something else was said before it came.
  async explain(explanation) {
    const said = this.#said;
    const { answer, advice } = await explanation;
    if (said !== this.#said) return false;
    byId("advice").replaceChildren(
      make("p", {}, answer),
      make("ul", {}, ...advice.map((line) => make("li", {}, line))),
    );
    return true;
  }

  refused(error) {
    const { state, url } = this.#connection;
    const parts = [
      make("strong", {}, `${error.name}.`),
      ` The browser did not even try: ${error.message}`,
    ];
    if (state === "open") parts.push(` ${url} stays open.`);
    this.say(...parts);
  }

  // The advice was on what was said before.
  say(...parts) {
    this.#said += 1;
    byId("detail").replaceChildren(...parts);
    byId("advice").replaceChildren();
  }

  // Shown from the first wait to the last try, so that the focus stays on Stop.
  #reconnect(reconnecting, state) {
    clearInterval(this.#ticking);
    const box = byId("reconnect");
    // A focused button must not vanish from under the keyboard. To the words, and
    // not to a field, for which a phone opens its keyboard.
    if (!reconnecting && box.contains(document.activeElement)) byId("status").focus();
    box.hidden = !reconnecting;
    const trying = state === "connecting";
    byId("next").firstElementChild.textContent = trying ? "Trying now" : "Next try in";
    if (trying) byId("countdown").textContent = "";
    // Not disabled, which would take the focus from it.
    byId("retry").setAttribute("aria-disabled", trying);
  }

  #count(milliseconds) {
    this.#dueAt = performance.now() + milliseconds;
    const show = () => {
      const left = Math.max(0, this.#dueAt - performance.now()) / 1000;
      byId("countdown").textContent = `${left.toFixed(1)} s`;
    };
    show();
    this.#ticking = setInterval(show, 100);
  }
}
