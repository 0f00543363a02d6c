// The live probe, and the steps for this device first.
const element = (id) => document.getElementById(id);
const { httpsPort, echo } = document.querySelector("main").dataset;
// Without the dot of localhost., which the page's policy cannot name.
const place = `${location.hostname.replace(/\.$/, "")}:${httpsPort}`;
const PROBE = `${place}/.wss-stack/probe`;
const AGAIN = 3000; // milliseconds between two looks
const PATIENCE = 5000; // milliseconds for one step of a look

// AbortSignal.timeout() is not in older browsers, Safari 15 for one.
function timeout(milliseconds) {
  const controller = new AbortController();
  setTimeout(() => controller.abort(), milliseconds);
  return controller.signal;
}

// Resolves only after a verified handshake; nginx itself answers here, not the app.
// fetch comes before the WebSocket: Firefox delays a new WebSocket for longer
// after each one that failed.
async function trusted() {
  try {
    await fetch(`https://${PROBE}`, {
      mode: "no-cors",
      cache: "no-store",
      credentials: "omit",
      signal: timeout(PATIENCE),
    });
    return true;
  } catch {
    return false;
  }
}

// Milliseconds for a text to come back over wss://; null when none does.
function roundTrip() {
  return new Promise((resolve) => {
    const socket = new WebSocket(`wss://${PROBE}`);
    const text = crypto.getRandomValues(new Uint32Array(2)).join("-");
    const give = (answer) => {
      clearTimeout(timer);
      socket.close();
      resolve(answer);
    };
    const timer = setTimeout(give, PATIENCE, null);
    let sent;
    socket.onopen = () => {
      sent = performance.now();
      socket.send(text);
    };
    socket.onmessage = ({ data }) => give(data === text ? performance.now() - sent : null);
    socket.onclose = () => give(null);
  });
}

// Whether nginx answers at all, over plain HTTP.
function reachable() {
  return new Promise((resolve) => {
    const image = new Image();
    image.onload = () => resolve(true);
    image.onerror = () => resolve(false);
    image.src = `/trust/icon.svg?${Date.now()}`;
  });
}

// The texts for each state. With `settled`, another look will hardly change it.
async function look() {
  if (!(await trusted())) {
    return (await reachable())
      ? {
          state: "untrusted",
          verdict: "Not yet: this browser does not trust it",
          advice: "Install the root, as below. This page looks again by itself.",
        }
      : {
          state: "away",
          verdict: "The stack does not answer",
          advice: "On its machine: make status, make up",
        };
  }
  const verdict = "This browser trusts the certificate";
  if (echo === "no") {
    const advice = `Verified: https://${place}. Whether your app answers was not looked at.`;
    return { state: "trusted", verdict, advice, settled: true };
  }
  const took = await roundTrip();
  if (took === null) {
    const advice = "But the app does not answer: no echo came back over wss://. On its machine: \
make status, make logs";
    return { state: "trusted", verdict, advice };
  }
  const shown = took < 10 ? took.toFixed(1) : Math.round(took);
  return {
    state: "trusted",
    verdict: "This browser trusts it: wss:// works",
    advice: `A text went to wss://${place} and came back in ${shown} ms.`,
    settled: true,
  };
}

function show({ state, verdict, advice }) {
  element("probe").dataset.state = state;
  // Only texts that changed: a screen reader reads out each update.
  for (const [id, text] of Object.entries({ verdict, advice })) {
    if (element(id).textContent !== text) element(id).textContent = text;
  }
  element("open").hidden = state !== "trusted";
}

const CHECKING = { state: "checking", verdict: "Checking…", advice: "" };
let timer;
let looking = false;

async function check() {
  if (looking) return;
  looking = true;
  clearTimeout(timer);
  const found = await look();
  show(found);
  looking = false;
  if (!found.settled && !document.hidden) timer = setTimeout(check, AGAIN);
}

// The sections of #install for this device, the best first. A page under a name
// of the loopback is open on the machine itself.
function devices({ userAgent, maxTouchPoints }) {
  const rules = [
    ["android", /Android/],
    ["ios", /iPhone|iPad|iPod/],
    ["macos", /Macintosh/],
    ["windows", /Windows/],
    ["firefox", /Firefox/],
    ["linux", /Chrom/],
  ];
  let [found] = rules.find(([, pattern]) => pattern.test(userAgent)) ?? ["other"];
  // An iPad claims to be a Mac, but no Mac has a touch screen.
  if (found === "macos" && maxTouchPoints > 1) found = "ios";
  const here = /^(localhost|.*\.localhost|127\.[\d.]+|\[::1\])$/.test(location.hostname);
  return here ? ["machine", found] : [found];
}

for (const host of document.querySelectorAll("[data-fill=host]")) {
  host.textContent = location.hostname;
}
element("open").href = `https://${place}/`;
element("again").hidden = false;
element("again").addEventListener("click", () => {
  show(CHECKING);
  check();
});
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) check();
});

const [first, ...rest] = devices(navigator).map(element);
element("devices").prepend(first, ...rest);
first.open = true;
first.querySelector(".badge").hidden = false;

show(CHECKING);
check();
