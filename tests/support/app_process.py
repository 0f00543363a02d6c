"""The app, served by a process of its own on a Unix socket, without nginx."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import psutil
from websockets.sync.client import ClientConnection, unix_connect

from certs.dotenv import CHECKOUT
from tests.support.frames import upgrade
from tests.support.waiting import until

MIB = 1024 * 1024


class App:
    """The echo, unless APP names another app."""

    def __init__(self, folder: Path, *program: str, **env: str) -> None:
        self.socket = folder / "app.sock"
        self._path = folder / "app.log"
        self._log = self._path.open("w")
        self._process = subprocess.Popen(
            [sys.executable, *(program or ("-m", "uvicorn_runner"))],
            env={**os.environ, "APP_SOCKET": str(self.socket), **env},
            cwd=CHECKOUT,
            stdout=self._log,
            stderr=self._log,
        )
        until(self._listens, "the app to listen")

    def _listens(self) -> bool:
        with self._raw():
            return True

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(20)
        self._log.close()

    @property
    def log(self) -> str:
        return self._path.read_text()

    def memory(self) -> float:
        """MiB that the process has now."""
        return psutil.Process(self._process.pid).memory_info().rss / MIB

    def limit(self, of: int) -> int:
        """The soft limit of the process."""
        return psutil.Process(self._process.pid).rlimit(of)[0]

    def connect(self) -> ClientConnection:
        return unix_connect(str(self.socket), "ws://localhost/ws")

    def send(self, request: str) -> socket.socket:
        raw = self._raw()
        raw.sendall(request.encode())
        return raw

    def _raw(self) -> socket.socket:
        raw = socket.socket(socket.AF_UNIX)
        raw.settimeout(20)
        try:
            raw.connect(str(self.socket))
        except OSError:
            raw.close()
            raise
        return raw

    def upgraded(self, more: str = "") -> socket.socket:
        """A connection with which a test does as it likes."""
        raw = self._raw()
        upgrade(raw, more)
        return raw


def answers(app: App) -> bool:
    with app.connect() as neighbour:
        neighbour.send("still there?")
        return neighbour.recv(timeout=10) == "still there?"
