"""What the README's first screen says, done in a fresh copy, as a new user would."""

from __future__ import annotations

import os
import socket
import uuid
from collections.abc import Mapping
from pathlib import Path

import pytest

from stack import docker
from tests.support.clone import UID, Clone

# Compose's watch takes a backslash in a path for a pattern's: its ignored files are none.
ODD = '50% of a do$lar, "new" back\\slash'


def test_make_up_needs_no_docker_no_root_and_nothing_installed(folder: Path) -> None:
    clone = Clone(folder, UID, ODD)
    local = {"MODE": "local", "PYTHON": "/usr/bin/python3"}
    # What a shell of somebody else's may have: a path too long for a socket, packages that
    # go elsewhere, a Python that does not look where it is started.
    long = clone.home / ("long" * 25)
    long.mkdir()
    os.chown(long, clone.home.stat().st_uid, -1)
    shell = {"TMPDIR": str(long), "XDG_RUNTIME_DIR": str(long), "PYTHONSAFEPATH": "1"}
    shell |= {"PIP_USER": "1", "PIP_TARGET": str(long), "PYTHONPATH": str(long)}
    try:
        up = clone.run("make", "up", env={**local, **shell})
        assert up.returncode == 0, up.stderr
        assert f"wss://localhost:{clone.https_port}/ws" in up.stdout
        assert f"console https://localhost:{clone.https_port}/.wss-stack/console/\n" in up.stdout
        assert "<h1>wss-stack <span>console" in clone.get("/.wss-stack/console/")
        clone.echo()
        clone.echo("127.0.0.1")
        assert not list(long.iterdir())
        # Another shell finds the same stack.
        assert clone.run("make", "status", env=local).returncode == 0
        mint = (".venv/bin/python", "-m", "certs", "mint")  # touches no store
        certs = clone.run(*mint, env=local)
        assert str(clone.ca_home / "root.pem") in certs.stdout
        # Another shell, which knows nothing of the ports.
        other = {**local, "HTTPS_PORT": "", "HTTP_PORT": ""}
        assert clone.run("make", "status", env=other).stdout.count(f":{clone.https_port}/") == 2
        assert f":{clone.https_port}\n" in clone.run("make", "-s", "help", env=other).stdout
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
    why = docker.why_unavailable()
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
