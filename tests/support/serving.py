"""The app as it is served, on a Unix socket, and a client in nginx's place."""

from __future__ import annotations

import contextlib
import http.client
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, unix_connect

from certs.dotenv import CHECKOUT
from tests.support.waiting import until

HOST = "localhost:8443"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes


class Served:
    def __init__(self, path: Path) -> None:
        self._path = path

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        """One request. headers: added to Host, or in its place."""
        client = http.client.HTTPConnection(HOST)
        with socket.socket(socket.AF_UNIX) as client.sock:
            client.sock.settimeout(10)
            client.sock.connect(str(self._path))
            client.request("GET", path, headers={"Host": HOST, **(headers or {})})
            response = client.getresponse()
            return Answer(response.status, response.headers, response.read())

    def connect(self, path: str, **options: Any) -> ClientConnection:
        url = f"ws://{HOST}{path}"
        client: ClientConnection = unix_connect(str(self._path), url, open_timeout=10, **options)
        return client


@contextlib.contextmanager
def served() -> Iterator[Served]:
    """The default app under `python -m uvicorn_runner`."""
    # Not in a test's folder: a socket's path may have about 100 characters.
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "app.sock"
        env = {**os.environ, "APP_SOCKET": str(path)}
        process = subprocess.Popen([sys.executable, "-m", "uvicorn_runner"], env=env, cwd=CHECKOUT)
        try:
            client = Served(path)
            until(lambda: client.get("/healthz").status == 200, "the app to answer")
            yield client
        finally:
            process.terminate()
            process.wait(20)
