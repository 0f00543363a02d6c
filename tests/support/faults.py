"""Faults that are made in a stack under test, in either mode."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Iterator

import psutil

from stack.local import processes
from tests.support import robustness
from tests.support.running import Running
from tests.support.steady import PAUSE, SOAK, Seen, steady
from tests.support.waiting import until

MANY = 30_000  # messages of each case, so that make soak has more than a million


@contextlib.contextmanager
def case(
    stack: Running, name: str, seen: str, sockets: int = 4, pause: float = PAUSE
) -> Iterator[Seen]:
    """Clients run beside the fault (tests/support/steady.py); a row of docs/robustness.md is
    recorded when they all echo again. seen: what they see and what acts, in words."""
    with steady(stack, sockets, pause) as clients:
        yield clients
        if SOAK:
            until(lambda: clients.messages >= MANY, f"{MANY} messages", seconds=300)
    robustness.record(robustness.Row("Faults", name, stack.mode, seen, clients.figures()))


def leader(stack: Running, service: str) -> psutil.Process:
    """The process that runs as this service. Raises AssertionError where there is none."""
    number = pid(stack, service)
    assert number, f"{service} does not run"
    return psutil.Process(number)


def pid(stack: Running, service: str) -> int:
    """The process that runs as this service, by its number on this machine; 0 where there is
    none."""
    if stack.mode == "local":
        found = processes.led(stack.folder / "run" / "pids", service)
        return found[0].pid if found else 0
    container = stack.compose("ps", "--all", "--quiet", service).split()[0]
    done = subprocess.run(
        ["docker", "inspect", "--format", "{{.State.Pid}}", container],
        capture_output=True,
        text=True,
        check=True,
    )
    try:
        # The engine's init is process 1 of the container.
        return next((child.pid for child in psutil.Process(int(done.stdout)).children()), 0)
    except psutil.NoSuchProcess:
        return 0


def kill(stack: Running, service: str) -> None:
    """Returns when another one runs."""
    dead = leader(stack, service)
    dead.kill()
    until(lambda: leader(stack, service) != dead, f"another {service}")


def send(stack: Running, service: str, number: signal.Signals) -> None:
    """From outside, as the kernel would: the engine does not count it as a stop by a user."""
    os.kill(leader(stack, service).pid, number)


@contextlib.contextmanager
def read_only(stack: Running, service: str, folder: str) -> Iterator[None]:
    """A file system that takes no write in this folder of the service, as after an error of
    its disk."""
    enter = ["nsenter", "--mount", f"--target={pid(stack, service)}", "mount"]
    subprocess.run([*enter, "--bind", folder, folder], check=True)
    subprocess.run([*enter, "-o", "remount,bind,ro", folder], check=True)
    try:
        yield
    finally:
        subprocess.run([enter[0], *enter[1:3], "umount", folder], check=True)


@contextlib.contextmanager
def without_dns(stack: Running, service: str) -> Iterator[None]:
    """The engine's DNS gets no question of this service's, and so never answers."""
    enter = ["nsenter", "--net", f"--target={pid(stack, service)}", "iptables"]
    rule = ["OUTPUT", "--destination", "127.0.0.11", "--jump", "DROP"]
    subprocess.run([*enter, "--append", *rule], check=True)
    try:
        yield
    finally:
        subprocess.run([*enter, "--delete", *rule], check=True)
