"""Run in the machine: does a browser echo over wss:// at host:port?

usage: page.py PORT BROWSER_COMMAND... -- host:port...

Serves a page on that port of the loopback, has the browser open it, and prints
what the page's script reports. Without a target it is enough that it reports.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PAGE = """<!doctype html>
<meta charset="utf-8">
<title>echo</title>
<script>
function echo(target) {
  return new Promise((resolve) => {
    const socket = new WebSocket(`wss://${target}/ws`);
    socket.onopen = () => socket.send("from a page");
    socket.onmessage = (event) => resolve(event.data === "from a page");
    socket.onclose = () => resolve(false);
  });
}
// A script is not told why a WebSocket failed. This fails for TLS alone, and not for
// what the server answers: nginx's own answer, which has no policy of the app's
// against other origins; no-store, as a cached answer needs no server.
function handshake(target) {
  const options = { mode: "no-cors", cache: "no-store" };
  return fetch(`https://${target}/.wss-stack/probe`, options).then(() => true, () => false);
}
async function ask(target) {
  return { target, echo: await echo(target), handshake: await handshake(target) };
}
Promise.all(TARGETS.map(ask)).then((answers) =>
  fetch("/report", { method: "POST", body: JSON.stringify(answers) }));
</script>
"""
DEADLINE = 60.0  # seconds


class Handler(BaseHTTPRequestHandler):
    targets: tuple[str, ...] = ()
    reported = threading.Event()
    answers: str = ""

    def do_GET(self) -> None:
        body = PAGE.replace("TARGETS", json.dumps(self.targets)).encode()
        self.send_response(200 if self.path == "/" else 404)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        Handler.answers = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.send_response(204)
        self.end_headers()
        self.reported.set()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


def main(port: int, browser: list[str], targets: list[str]) -> int:
    Handler.targets = tuple(targets)
    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            [*browser, f"http://127.0.0.1:{port}/"],
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            start_new_session=True,
        )
        try:
            if not Handler.reported.wait(DEADLINE):
                said.seek(0)
                tail = said.read()[-4000:].decode(errors="replace")
                print(f"the page reported nothing; {browser[0]} said:\n{tail}", file=sys.stderr)
                return 1
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(20)
    for answer in json.loads(Handler.answers):
        if answer["echo"] != answer["handshake"]:
            print(f"neither accepted nor refused: {answer}", file=sys.stderr)
            return 1
        shown = {"target": answer["target"], "accepted": answer["echo"], "words": ""}
        print(json.dumps(shown))
    return 0


if __name__ == "__main__":
    split = sys.argv.index("--")
    sys.exit(main(int(sys.argv[1]), sys.argv[2:split], sys.argv[split + 1 :]))
