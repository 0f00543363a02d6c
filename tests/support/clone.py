"""A fresh copy of the working tree, as a new user has it."""

from __future__ import annotations

import http.client
import os
import shutil
import socket
import ssl
import subprocess
from collections.abc import Mapping
from pathlib import Path

from websockets.sync.client import ClientConnection

from certs.dotenv import CHECKOUT
from stack import asking
from tests.support.ports import free_port
from tests.support.tls import connect

# Nobody in particular: not in /etc/passwd, and not root.
UID = 12345


class Clone:
    """The working tree's files, of a user who may write nowhere else."""

    def __init__(self, folder: Path, uid: int, name: str = "50% new clone") -> None:
        self.uid = uid
        self.home = folder / "home"
        # A path that is not easy for shells, make, nginx and supervisord.
        self.checkout = folder / name
        self.https_port = free_port()
        self.env = {"HTTPS_PORT": str(self.https_port), "HTTP_PORT": str(free_port())}
        listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        names = subprocess.run(
            listed, cwd=CHECKOUT, capture_output=True, text=True, check=True
        ).stdout.split("\0")
        for name in filter(None, names):
            if (CHECKOUT / name).exists():
                (self.checkout / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(CHECKOUT / name, self.checkout / name)
        self.home.mkdir()
        if os.geteuid() == 0:
            subprocess.run(["chown", "-R", f"{uid}:{uid}", folder], check=True)
            folder.chmod(0o755)

    @property
    def ca_home(self) -> Path:
        return self.home / ".local" / "share" / "wss-stack"

    @property
    def root(self) -> Path:
        return self.ca_home / "root.pem"

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "HOME": str(self.home), **self.env}

    def run(
        self, *command: str, as_user: bool = True, env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        prefix: list[str] = []
        if as_user and os.geteuid() == 0:
            ids = (f"--reuid={self.uid}", f"--regid={self.uid}", "--clear-groups")
            prefix = ["setpriv", *ids]
        return subprocess.run(
            [*prefix, *command],
            cwd=self.checkout,
            env={**self.environment, **(env or {})},
            capture_output=True,
            text=True,
            check=False,
        )

    def connect(self, path: str = "/ws", host: str = "localhost") -> ClientConnection:
        return connect(f"wss://{host}:{self.https_port}{path}", asking.context(self.root))

    def tls_socket(self, host: str, context: ssl.SSLContext) -> ssl.SSLSocket:
        plain = socket.create_connection(("127.0.0.1", self.https_port), timeout=10)
        return context.wrap_socket(plain, server_hostname=host)

    def get(self, path: str) -> str:
        """The body of what is answered to a verified request."""
        client = http.client.HTTPSConnection(
            "127.0.0.1", self.https_port, timeout=10, context=asking.context(self.root)
        )
        try:
            client.request("GET", path)
            return client.getresponse().read().decode()
        finally:
            client.close()

    def echo(self, host: str = "localhost") -> None:
        with self.connect(host=host) as client:
            client.send("first words")
            assert client.recv(timeout=10) == "first words"

    def owners(self) -> set[int]:
        return {path.lstat().st_uid for path in self.home.rglob("*")}
