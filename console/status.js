// Shows the state of the connection, the reason of its end, and steps to try.
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

// Only texts that changed: a screen reader reads out each update.
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
    // The text stays during a try, so that the Stop button does not move under the finger.
    if (state === "connecting" && !reconnecting) this.say();
    if (state === "open") {
      // WS_DEFLATE does not change an app behind UPSTREAM.
      const agreed = extensions || "none (WS_DEFLATE=1 compresses)";
      const chosen = `Subprotocol: ${protocol || "none"}. Extensions: ${agreed}.`;
      this.say(`Since ${clock(new Date()).slice(0, 8)}. ${chosen}`);
    }
    if (state === "closing") this.say("Waiting for the server's Close frame.");
    if (state === "closed" && this.#reconnecting) {
      // The advice is still right, and now there is time to read it.
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

  // explanation: {answer, advice} of diagnose.js, or a promise of it. Returns whether it
  // was shown: a newer text comes first.
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

  // The old advice belongs to the text before.
  say(...parts) {
    this.#said += 1;
    byId("detail").replaceChildren(...parts);
    byId("advice").replaceChildren();
  }

  // The bar is visible from the first wait to the last try, so that Stop keeps the focus.
  #reconnect(reconnecting, state) {
    clearInterval(this.#ticking);
    const box = byId("reconnect");
    // A hidden button would lose the focus. The text gets it, not an input field, for
    // which a phone would open its keyboard.
    if (!reconnecting && box.contains(document.activeElement)) byId("status").focus();
    box.hidden = !reconnecting;
    const trying = state === "connecting";
    byId("next").firstElementChild.textContent = trying ? "Trying now" : "Next try in";
    if (trying) byId("countdown").textContent = "";
    // Not disabled: a disabled button loses the focus.
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
