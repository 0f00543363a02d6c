"""Debian's Firefox through WebDriver BiDi, which it speaks without a driver.

Playwright drives only a Firefox of its own making. https://w3c.github.io/webdriver-bidi/
"""

from __future__ import annotations

import base64
import contextlib
import itertools
import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

from tests.support.browser import skip_without, trust
from tests.support.waiting import until

_LISTENING = re.compile(r"WebDriver BiDi listening on (ws://\S+)")


class BidiError(Exception):
    """What Firefox answered to a command that failed: `unknown error: ...`."""


class Firefox:
    """One tab. Certificates are verified: a session accepts bad ones only if asked to."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._ids = itertools.count(1)
        self.command("session.new", capabilities={})
        self._tab = self.command("browsingContext.create", type="tab")["context"]

    def command(self, method: str, **params: Any) -> dict[str, Any]:
        """The result of one command. Raises BidiError."""
        number = next(self._ids)
        self._socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            answer = json.loads(self._socket.recv(timeout=30))
            if answer.get("id") != number:
                continue  # an event
            if answer["type"] == "error":
                raise BidiError(f"{answer['error']}: {answer['message']}")
            result: dict[str, Any] = answer["result"]
            return result

    def resize(self, width: int, height: int) -> None:
        viewport = {"width": width, "height": height}
        self.command("browsingContext.setViewport", context=self._tab, viewport=viewport)

    def open(self, url: str) -> None:
        """Returns when it is loaded. Raises BidiError, for an untrusted certificate too."""
        self.command("browsingContext.navigate", context=self._tab, url=url, wait="complete")

    def evaluate(self, expression: str) -> Any:
        """Its value, that of a promise awaited: a string, number, boolean or None.
        Raises BidiError when it throws."""
        answer = self.command(
            "script.evaluate",
            expression=expression,
            target={"context": self._tab},
            awaitPromise=True,
        )
        if answer["type"] == "exception":
            raise BidiError(answer["exceptionDetails"]["text"])
        return answer["result"].get("value")

    def wait_for(self, expression: str, seconds: float = 20.0) -> Any:
        """Its first true value."""
        return until(lambda: self.evaluate(expression), expression, seconds)

    def shoot(self, path: Path) -> None:
        """A picture of the whole page, PNG."""
        origin = {"context": self._tab, "origin": "document"}
        shot = self.command("browsingContext.captureScreenshot", **origin)
        path.write_bytes(base64.b64decode(shot["data"]))


@contextlib.contextmanager
def firefox(folder: Path, *roots: Path) -> Iterator[Firefox]:
    """With home and profile in this folder, which must be there; the profile trusts
    the roots."""
    skip_without("firefox", "certutil")
    profile = folder / "profile"
    profile.mkdir()
    for root in roots:
        trust(profile, root)
    log = folder / "firefox.log"
    argv = ["firefox", "--headless", "--no-remote", "--remote-debugging-port", "0"]
    env = {**os.environ, "HOME": str(folder), "MOZ_CRASHREPORTER_DISABLE": "1"}
    with log.open("wb") as said:
        process = subprocess.Popen(
            [*argv, "--profile", str(profile)], env=env, stdout=said, stderr=said
        )
    try:
        address = until(lambda: _address(process, log), "Firefox to listen", 60)
        with connect(f"{address}/session", proxy=None, max_size=None) as socket:
            yield Firefox(socket)
    finally:
        process.terminate()
        process.wait(20)


def _address(process: subprocess.Popen[bytes], log: Path) -> str | None:
    text = log.read_text(errors="replace")
    if process.poll() is not None:
        raise RuntimeError(f"Firefox ended with {process.returncode}:\n{text[-2000:]}")
    found = _LISTENING.search(text)
    return found[1] if found else None
