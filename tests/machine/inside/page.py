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
from pathlib import Path

PAGE = """<!doctype html><meta charset="utf-8"><title>echo</title>
<script>const TARGETS = {targets};</script><script src="/page.js"></script>
"""
SCRIPT = Path(__file__).with_name("page.js")
DEADLINE = 60.0  # seconds


class Handler(BaseHTTPRequestHandler):
    targets: tuple[str, ...] = ()
    reported = threading.Event()
    answers: str = ""

    def do_GET(self) -> None:
        page = PAGE.format(targets=json.dumps(self.targets)).encode()
        found = {"/": ("text/html", page), "/page.js": ("text/javascript", SCRIPT.read_bytes())}
        kind, body = found.get(self.path, ("text/plain", b""))
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", kind)
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
