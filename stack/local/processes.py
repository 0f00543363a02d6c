"""Finds the processes of local mode, even if their supervisor is gone.

Each one leads its own process group. It records its pid and start time just before
it becomes its program. A pid alone is not enough: the kernel may reuse it.
"""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import psutil

from certs import files, owners
from stack.base import StackError

# Seconds by which a start time may move when the clock is set.
_TOLERANCE = 5.0
_POLL = 0.02  # seconds


def record(folder: Path, name: str, **notes: str) -> None:
    """Records the calling process under this name, with notes on its program."""
    me = psutil.Process()
    _write(folder, name, {"pid": me.pid, "started": me.create_time(), **notes})


def amend(folder: Path, name: str, **notes: str) -> None:
    """Changes notes on the process that was recorded last under this name."""
    _write(folder, name, {**_read(folder, name), **notes})


def note(folder: Path, name: str, which: str) -> str | None:
    """A note on the process that was recorded last under this name."""
    return _read(folder, name).get(which)


def _write(folder: Path, name: str, known: Mapping[str, Any]) -> None:
    files.write(folder / f"{name}.json", json.dumps(known).encode(), files.SECRET)


def _read(folder: Path, name: str) -> dict[str, Any]:
    """The record under this name; empty if there is none, or if it is damaged."""
    try:
        known = json.loads((folder / f"{name}.json").read_text())
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


def recorded(folder: Path, name: str) -> list[psutil.Process]:
    """The living processes of the recorded group, the leader first if it lives.

    Children are found without their leader too, because nginx's workers outlive a
    killed master. While they live, the kernel does not reuse its pid.
    """
    known = _read(folder, name)
    try:
        pid, started = int(known["pid"]), float(known["started"])
    except (ValueError, KeyError):
        return []
    found = []
    for process in psutil.process_iter():
        try:
            if os.getpgid(process.pid) != pid or process.status() == psutil.STATUS_ZOMBIE:
                continue
            created = process.create_time()
        except (psutil.Error, OSError):
            continue
        if process.pid == pid and abs(created - started) > _TOLERANCE:
            return []  # another process has that pid now
        if created >= started - _TOLERANCE:
            found.append(process)
    if not any(process.pid == pid for process in found):
        # Without its leader, the group may be another program's by now. Here only
        # nginx's workers outlive their leader.
        found = [process for process in found if _is_nginx(process)]
    return sorted(found, key=lambda process: process.pid != pid)


def led(folder: Path, name: str) -> list[psutil.Process]:
    """The living processes of the group if its leader lives, so that supervisord can stop it."""
    found = recorded(folder, name)
    return found if found and _leads(found[0]) else []


def _leads(process: psutil.Process) -> bool:
    try:
        return os.getpgid(process.pid) == process.pid
    except OSError:
        return False


def _is_nginx(process: psutil.Process) -> bool:
    try:
        return "nginx" in process.name()
    except psutil.Error:
        return False


def stop(processes: Iterable[psutil.Process], patience: float) -> None:
    """Asks each to end, waits up to patience (seconds), then kills what is left. Raises
    StackError for another user's."""
    waiting = list(processes)
    for number in (signal.SIGTERM, signal.SIGKILL):
        for process in waiting:
            try:
                process.send_signal(number)
            except psutil.NoSuchProcess:
                continue
            except psutil.AccessDenied:
                # Started with sudo, or in a shell of root's.
                owner = owners.name(process.uids().real)
                raise StackError(
                    f"process {process.pid} ({process.name()}) belongs to {owner}, and only "
                    "that user or root can stop it: sudo make down"
                ) from None
        wait(waiting, patience)
        waiting = [process for process in waiting if _lives(process)]
        if not waiting:
            return


def wait(processes: Iterable[psutil.Process], patience: float) -> None:
    """Waits until all have ended, or for patience (seconds).

    A zombie counts as ended: supervisord takes notice only once a second.
    """
    deadline = time.monotonic() + patience
    waiting = list(processes)
    pause = threading.Event()
    while (waiting := [p for p in waiting if _lives(p)]) and time.monotonic() < deadline:
        pause.wait(_POLL)


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
