"""What is stopped in its first second, before the programs handle signals."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

from certs.dotenv import CHECKOUT
from tests.support.running import Running
from tests.support.waiting import until

MODES = ("docker",)


def test_container_that_has_just_started_ends_when_it_is_asked_to(own: Running) -> None:
    """As PID 1 a process ignores a signal that it has no handler for, and is killed when its
    time is over."""
    for _ in range(3):
        own.compose("up", "--detach")
        own.compose("stop", "--timeout", "2")
        ids = own.compose("ps", "--all", "--quiet").split()
        show = ["docker", "inspect", "--format", "{{.State.ExitCode}}", *ids]
        codes = subprocess.run(show, capture_output=True, text=True, check=True).stdout.split()
        assert len(codes) == 3
        assert "137" not in codes, "killed"


def test_interrupted_while_containers_start_it_leaves_nothing(own: Running) -> None:
    starting = subprocess.Popen(
        [sys.executable, "-m", "stack", "up"],
        cwd=CHECKOUT,
        env={**own.env, "MODE": "docker"},
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    until(lambda: own.compose("ps", "--quiet"), "a container", seconds=60)
    os.killpg(starting.pid, signal.SIGINT)  # as a terminal does: Compose too
    _, errors = starting.communicate(timeout=10)  # less than the grace period of a container
    assert starting.returncode == 130, errors
    assert "interrupted" in errors
    assert own.compose("ps", "--all", "--quiet") == ""
