"""docker compose watch: what a mount cannot bring is built anew when it is saved."""

from __future__ import annotations

import os
import signal
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from stack import docker
from tests.support.clone import UID, Clone
from tests.support.waiting import until


@pytest.fixture
def clone(folder: Path) -> Iterator[Clone]:
    why = docker.missing()
    if why:
        pytest.skip(f"no Docker engine to test with: {why}")
    made = Clone(folder, UID)
    made.env["COMPOSE_PROJECT_NAME"] = f"wss-test-{uuid.uuid4().hex[:12]}"
    yield made
    down = ("docker", "compose", "down", "--volumes", "--rmi", "local")
    done = made.run(*down, as_user=False)
    assert done.returncode == 0, done.stderr


def test_a_saved_source_of_the_default_app_is_served(clone: Clone, tmp_path: Path) -> None:
    output = tmp_path / "watch.log"
    with output.open("wb") as log:
        watch = subprocess.Popen(
            ["docker", "compose", "watch"],
            cwd=clone.checkout,
            env=clone.environment,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        until(lambda: "Watch enabled" in output.read_text(), "compose to watch", seconds=60)
        until(lambda: reply(clone) == "Server Response to: hello", "the app")
        source = clone.checkout / "app" / "echo.py"
        source.write_text(source.read_text().replace("Server Response to: ", "Changed: "))
        until(lambda: reply(clone) == "Changed: hello", "the changed app", seconds=60)
    finally:
        os.killpg(watch.pid, signal.SIGINT)
        watch.wait(timeout=30)


def reply(clone: Clone) -> str:
    with clone.connect("/sockets") as client:
        client.send("hello")
        return str(client.recv(timeout=10))
