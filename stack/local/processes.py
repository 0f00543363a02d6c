"""The processes of local mode, found again even when their supervisor is gone.

Each is the leader of a process group of its own, and is recorded by pid and
start time just before it becomes what it is. A pid alone would not do: once
free, it may be given to anything.
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

# What a clock that is set may move a start time by (seconds).
_TOLERANCE = 5.0
_POLL = 0.02  # seconds


def record(folder: Path, name: str, **notes: str) -> None:
    """Records the calling process under this name, with notes on what it is."""
    me = psutil.Process()
    _write(folder, name, {"pid": me.pid, "started": me.create_time(), **notes})


def amend(folder: Path, name: str, **notes: str) -> None:
    """Changes notes on what was recorded last under this name."""
    _write(folder, name, {**_read(folder, name), **notes})


def note(folder: Path, name: str, which: str) -> str | None:
    """A note on what was recorded last under this name."""
    return _read(folder, name).get(which)


def _write(folder: Path, name: str, known: Mapping[str, Any]) -> None:
    files.write(folder / f"{name}.json", json.dumps(known).encode(), files.SECRET)


def _read(folder: Path, name: str) -> dict[str, Any]:
    """Empty where nothing was recorded, or what was is damaged."""
    try:
        known = json.loads((folder / f"{name}.json").read_text())
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


def recorded(folder: Path, name: str) -> list[psutil.Process]:
    """What lives of the group that was recorded: its leader first if it lives.

    The leader's children are found without it too: nginx's workers outlive a
    master that was killed. While they live, its pid is given to no one else.
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
        # Without its leader a group may be another's by now. nginx's workers are
        # the only processes here that outlive their leader.
        found = [process for process in found if _is_nginx(process)]
    return sorted(found, key=lambda process: process.pid != pid)


def led(folder: Path, name: str) -> list[psutil.Process]:
    """The same, if its leader lives: what supervisord can stop."""
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
    """Until all have ended, or patience (seconds) has.

    One that has ended counts, whether or not its parent has taken notice:
    supervisord does once a second.
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
