"""An app that answers a text, and the time until a new text is answered."""

from __future__ import annotations

import http.client
import ssl
import time
from pathlib import Path

from bench.programs import MissingError

FIRST = "not saved yet"
_DEADLINE = 20.0
_POLL = 0.01

# A WebSocket app would need another handshake for each look; the way through nginx is the same.
_APP = """\
async def app(scope, receive, send):
    if scope["type"] == "http":
        await send({{"type": "http.response.start", "status": 200, "headers": []}})
        await send({{"type": "http.response.body", "body": {text!r}.encode()}})
"""


def write_app(folder: Path, text: str) -> Path:
    """main.py, whose app answers each request with the text."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "app" / "main.py"
    path.parent.mkdir(exist_ok=True)
    path.write_text(_APP.format(text=text))
    return path


def answer_of(port: int, trusted: ssl.SSLContext, text: str) -> None:
    """Returns once that is answered. Raises MissingError after 20 seconds."""
    deadline = time.monotonic() + _DEADLINE
    seen = "nothing"
    while time.monotonic() < deadline:
        client = http.client.HTTPSConnection("localhost", port, timeout=5, context=trusted)
        try:
            client.request("GET", "/")
            seen = client.getresponse().read().decode(errors="replace")
        except OSError as error:
            seen = str(error)
        finally:
            client.close()
        if seen == text:
            return
        time.sleep(_POLL)
    raise MissingError(f"after {_DEADLINE:.0f} s the answer is {seen[:100]!r}, not {text!r}")
