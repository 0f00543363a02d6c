"""What the README's first screen says, done in a fresh copy, as a new user would."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from websockets.sync.client import connect

from certs.settings import CHECKOUT
from stack import docker, ready
from tests.support.running import free_port

# Nobody in particular: not in /etc/passwd, and not root.
UID = 12345


class Clone:
    """The working tree's files, of a user who may write nowhere else."""

    def __init__(self, folder: Path, uid: int) -> None:
        self.uid = uid
        self.home = folder / "home"
        # A path that is not easy for shells, make, nginx and supervisord.
        self.checkout = folder / "50% new clone"
        self.https_port, self.http_port = free_port(), free_port()
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

    def run(
        self, *command: str, as_user: bool = True, env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        prefix: list[str] = []
        if as_user and os.geteuid() == 0:
            ids = (f"--reuid={self.uid}", f"--regid={self.uid}", "--clear-groups")
            prefix = ["setpriv", *ids]
        ports = {"HTTPS_PORT": str(self.https_port), "HTTP_PORT": str(self.http_port)}
        return subprocess.run(
            [*prefix, *command],
            cwd=self.checkout,
            env={**os.environ, "HOME": str(self.home), **ports, **(env or {})},
            capture_output=True,
            text=True,
            check=False,
        )

    def echo(self, host: str = "localhost") -> None:
        tls = ready.context(self.ca_home / "root.pem")
        plain = socket.create_connection(("127.0.0.1", self.https_port), timeout=10)
        uri = f"wss://{host}:{self.https_port}/ws"
        with connect(uri, sock=plain, ssl=tls) as client:
            client.send("first words")
            assert client.recv(timeout=10) == "first words"

    def owners(self) -> set[int]:
        return {path.lstat().st_uid for path in self.home.rglob("*")}


@pytest.fixture
def folder() -> Iterator[Path]:
    # Not pytest's own: no other user may enter that.
    made = Path(tempfile.mkdtemp(prefix="wss-test-"))
    yield made
    shutil.rmtree(made)


def test_make_up_needs_no_docker_no_root_and_nothing_installed(folder: Path) -> None:
    clone = Clone(folder, UID)
    local = {"MODE": "local", "PYTHON": "/usr/bin/python3"}
    try:
        up = clone.run("make", "up", env=local)
        assert up.returncode == 0, up.stderr
        assert f"wss://localhost:{clone.https_port}/ws" in up.stdout
        clone.echo()
        clone.echo("127.0.0.1")
        assert clone.run("make", "status", env=local).returncode == 0
        mint = (".venv/bin/python", "-m", "certs", "mint")  # touches no store
        certs = clone.run(*mint, env=local)
        assert str(clone.ca_home / "root.pem") in certs.stdout
        if os.geteuid() == 0:
            assert clone.owners() == {UID}
            refused = clone.run("make", "up", env={**local, "HTTPS_PORT": "443"})
            assert "443" in refused.stderr
    finally:
        down = clone.run("make", "down", env=local)
    assert down.returncode == 0, down.stderr
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", clone.https_port))

    if os.geteuid() == 0:
        read_only(clone, local)


def read_only(clone: Clone, local: Mapping[str, str]) -> None:
    """Root may write anywhere, so only here can a folder be read-only."""
    closed = clone.home / "closed"
    closed.mkdir(mode=0o555)
    refused = clone.run("make", "up", env={**local, "CA_HOME": str(closed / "ca")})
    assert refused.returncode == 2  # make's own; ours was 1
    assert f"CA_HOME {closed / 'ca'}" in refused.stderr
    assert "sudo chown" in refused.stderr  # the test, as root, made it
    assert "Traceback" not in refused.stderr
    # One that is there already need not be written.
    mint = (".venv/bin/python", "-m", "certs", "mint")
    clone.ca_home.chmod(0o555)
    assert clone.run(*mint, env={**local, "HOSTS": "api.localhost"}).returncode == 0


def test_docker_compose_up_needs_no_make(folder: Path) -> None:
    why = docker.missing()
    if why:
        pytest.skip(f"no Docker engine to test with: {why}")
    clone = Clone(folder, UID)
    env = {"COMPOSE_PROJECT_NAME": f"wss-test-{uuid.uuid4().hex[:12]}", "COMPOSE_PROGRESS": "quiet"}

    def compose(*arguments: str) -> str:
        done = clone.run("docker", "compose", *arguments, as_user=False, env=env)
        assert done.returncode == 0, done.stderr
        return done.stdout

    try:
        compose("up", "--detach", "--wait")
        clone.echo()
        clone.echo("127.0.0.1")
        if os.geteuid() == 0:
            made = [clone.ca_home, clone.ca_home / "authority.pem", clone.ca_home / "root.pem"]
            assert {path.stat().st_uid for path in made} == {UID}
        assert (clone.ca_home / "authority.pem").stat().st_mode & 0o777 == 0o600
        root = (clone.ca_home / "root.pem").read_bytes()
        compose("down", "--volumes")
        compose("up", "--detach", "--wait")
        assert (clone.ca_home / "root.pem").read_bytes() == root
        clone.echo()
    finally:
        compose("down", "--volumes", "--rmi", "local")
