"""Python: each interpreter, and the libraries that it can import.

ssl and websockets read the system's store; httpx and requests bring a bundle.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from trust.clients import programs
from trust.clients.base import PROVEN_BY_ECHO, PROVEN_BY_GET, Cause, Proof, Target
from trust.commands import CommandError, Runner

_LIBRARIES = ("ssl", "websockets", "httpx", "requests")
_BUNDLED = ("httpx", "requests")

# The folder of what is run comes first otherwise, and could hide a library.
_CLEAN = "import sys; sys.path[:] = [p for p in sys.path if p]\n"

_LOOK = (
    _CLEAN
    + f"""
import importlib.util, json, platform
found = [name for name in {_LIBRARIES!r} if importlib.util.find_spec(name)]
print(json.dumps([sys.executable, sys.prefix, platform.python_version(), found]))
"""
)

# From Python 3.7 on. SSL errors are wrapped, by requests three times: the innermost
# says what is wrong.
_PROGRAM = """
import asyncio, socket, ssl, sys
name, port, url, text, request, frame, reply = sys.argv[1:]
https = "https://localhost:%s/" % port

def by_ssl():
    context = ssl.create_default_context()
    with socket.create_connection(("localhost", int(port)), 10) as plain:
        with context.wrap_socket(plain, server_hostname="localhost") as connection:
            connection.sendall(bytes.fromhex(request) + bytes.fromhex(frame))
            answer = b""
            while bytes.fromhex(reply) not in answer:
                more = connection.recv(4096)
                if not more:
                    raise SystemExit("the echo did not come: " + repr(answer[:80]))
                answer += more

def by_websockets():
    import websockets
    async def echo():
        async with websockets.connect(url) as connection:
            await connection.send(text)
            if await connection.recv() != text:
                raise SystemExit("the echo was not what was sent")
    asyncio.run(asyncio.wait_for(echo(), 10))

def by_httpx():
    import httpx
    httpx.get(https, timeout=10, follow_redirects=True).raise_for_status()

def by_requests():
    import requests
    requests.get(https, timeout=10).raise_for_status()

try:
    globals()["by_" + name]()
except Exception as error:
    last = error
    while error is not None and not isinstance(error, ssl.SSLError):
        error = error.__cause__ or error.__context__
    shown = error or last
    raise SystemExit("%s: %s" % (type(shown).__name__, shown))
print(text)
"""


@dataclass(frozen=True)
class Python:
    """One library in one interpreter."""

    path: str
    version: str
    library: str

    @property
    def kind(self) -> str:
        return self.library if self.library in _BUNDLED else "python"

    @property
    def name(self) -> str:
        return f"Python {self.library}"

    def prove(self, target: Target, runner: Runner) -> Proof:
        bundled = self.library in _BUNDLED
        return programs.prove(
            runner,
            target,
            (self.path, "echo.py", self.library),
            "echo.py",
            _PROGRAM,
            Cause.BUNDLE if bundled else Cause.STORE,
            proven=PROVEN_BY_GET if bundled else PROVEN_BY_ECHO,
        )


def find(_: Mapping[str, str], runner: Runner, fs: Path) -> Sequence[Python]:
    """Of python3 on PATH, the system's, and the one that runs this."""
    found: dict[str, list[Python]] = {}
    for path in (runner.which("python3"), str(fs / "usr/bin/python3"), sys.executable):
        if not path:
            continue
        try:
            executable, prefix, version, libraries = json.loads(
                runner.look(path, "-c", _LOOK).out or "null"
            )
        except (CommandError, ValueError, TypeError):
            continue  # there is none, or none that starts
        # Through whatever link or shim: the same interpreter has the same prefix.
        found.setdefault(
            prefix,
            [Python(executable, f"{version} ({executable})", library) for library in libraries],
        )
    return [client for clients in found.values() for client in clients]
