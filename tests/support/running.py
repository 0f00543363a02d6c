"""A stack under test: of either mode, on ports and in folders of its own."""

from __future__ import annotations

import contextlib
import os
import socket
import ssl
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection

import certs.settings
from certs import ca_home, output
from stack import asking
from stack.base import Stack
from stack.docker import Docker
from stack.local import nginx
from stack.local.local import Local
from stack.settings import Settings, read
from tests.support import programs
from tests.support.ports import free_port
from tests.support.tls import connect
from tests.support.waiting import until


class Running:
    """One stack, started by `up`. Settings given to `up` stay until the next."""

    def __init__(self, mode: str, folder: Path) -> None:
        self.mode = mode
        self.folder = folder
        self.https_port = free_port()
        self.http_port = free_port()
        self._fixed = {
            "CA_HOME": str(folder / "ca"),
            "STATE_DIR": str(folder / "run"),
            "LEAF_DIR": str(folder / "leaf"),
            "HTTPS_PORT": str(self.https_port),
            "HTTP_PORT": str(self.http_port),
            "COMPOSE_PROJECT_NAME": f"wss-test-{uuid.uuid4().hex[:12]}",
            "COMPOSE_PROGRESS": "quiet",
        }
        self.said: list[str] = []
        self.env: Mapping[str, str] = {}
        self.settings = self._configure({})

    def _configure(self, changed: Mapping[str, str]) -> Settings:
        self.env = {**os.environ, **self._fixed, **changed}
        return read(self.env)

    @property
    def stack(self) -> Stack:
        made: Callable[..., Stack] = Docker if self.mode == "docker" else Local
        return made(self.settings)

    def configure(self, **changed: str) -> None:
        """As up does, and starts nothing."""
        self.settings = self._configure(changed)

    def up(self, **changed: str) -> bool:
        self.configure(**changed)
        with output.told(self.said.append):
            return self.stack.up()

    def down(self) -> None:
        self.stack.down()

    def remove(self) -> None:
        """Everything that up made, images and volumes too."""
        if self.mode == "docker":
            self.compose("down", "--volumes", "--remove-orphans", "--rmi", "local")
        else:
            self.down()

    @property
    def root(self) -> Path:
        return self.settings.certs.ca_home / ca_home.ROOT

    @property
    def tls(self) -> ssl.SSLContext:
        """Trusts the minted root alone."""
        return asking.context(self.root)

    @property
    def url(self) -> str:
        return f"https://localhost:{self.https_port}"

    def connect(
        self, path: str = "/ws", host: str = "localhost", **options: Any
    ) -> ClientConnection:
        """A verified WebSocket by name, whatever this machine resolves it to."""
        return connect(f"wss://{host}:{self.https_port}{path}", self.tls, **options)

    def tls_socket(
        self,
        host: str | None = "localhost",
        context: ssl.SSLContext | None = None,
        port: int | None = None,
    ) -> ssl.SSLSocket:
        """A verified TLS connection; host None: by address, which sends no SNI.

        port: of a server beside nginx that has its leaf."""
        plain = self.plain_socket(port)
        return (context or self.tls).wrap_socket(plain, server_hostname=host or "127.0.0.1")

    def plain_socket(self, port: int | None = None) -> socket.socket:
        """To the port for TLS, without; port: as for tls_socket."""
        return socket.create_connection(("127.0.0.1", port or self.https_port), timeout=10)

    @property
    def http2(self) -> bool:
        """Whether HTTP/2 is to be on: an nginx that is behind has it off in local mode."""
        return self.mode == "docker" or nginx.find(self.settings.nginx).http2

    def serial(self, port: int | None = None) -> str:
        """Of the leaf that is served right now; port: as for tls_socket."""
        with self.tls_socket(port=port) as connection:
            return str((connection.getpeercert() or {})["serialNumber"])

    def logs(self) -> str:
        if self.mode == "docker":
            return self.compose("logs", "--no-color")
        logs = sorted((self.folder / "run" / "logs").glob("*.log"))
        return "\n".join(f"==> {log.name}\n{log.read_text()}" for log in logs)

    def wait_for_log(self, text: str) -> str:
        """The first line with this text in it."""

        def line() -> str | None:
            return next((line for line in self.logs().splitlines() if text in line), None)

        return until(line, f"{text!r} in the logs") or ""

    def in_certs(self, name: str, *arguments: str) -> str:
        """Runs this program of tests/programs/beside_certs where the certs process runs:
        its folders, its user, its modules."""
        code = programs.source(f"beside_certs/{name}.py")
        if self.mode == "docker":
            return self.compose("exec", "-T", "certs", "python", "-c", code, *arguments)
        env = {**self.env, "PYTHONPATH": str(certs.dotenv.CHECKOUT)}
        return _output([sys.executable, "-c", code, *arguments], env)

    def cli(self, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        """`python -m stack` with these arguments, as make calls it."""
        return subprocess.run(
            [sys.executable, "-m", "stack", *arguments],
            cwd=certs.dotenv.CHECKOUT,
            env={**self.env, **env},
            capture_output=True,
            text=True,
            check=False,
        )

    def compose(self, *arguments: str) -> str:
        command = ["docker", "compose", "--project-directory", str(certs.dotenv.CHECKOUT)]
        return _output([*command, *arguments], self.env)


@contextlib.contextmanager
def running(mode: str, folder: Path, **settings: str) -> Iterator[Running]:
    """Up, then whatever the test does, then gone without a trace."""
    stack = Running(mode, folder)
    try:
        stack.up(**settings)
        yield stack
    finally:
        stack.remove()


def _output(command: list[str], env: Mapping[str, str]) -> str:
    done = subprocess.run(command, env=dict(env), capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command} failed:\n{done.stdout}\n{done.stderr}"
    return done.stdout
