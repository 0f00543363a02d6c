"""Browsers that run: one that has done so since before the root came, or went, may
still think what it thought then."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from datetime import UTC, datetime

import psutil

from trust.browsers import PROCESSES
from trust.stores.ledger import Entry


def since_before(kind: str, entries: Sequence[Entry]) -> str | None:
    """Name and pid of one that ran before the root was added, the oldest of its processes."""
    now = datetime.now(UTC)
    times = (datetime.fromisoformat(entry.when) for entry in entries)
    # A time in the future is a clock's that was wrong: no restart gets past it.
    added = max((when for when in times if when <= now), default=None)
    if added is None:
        return None
    for process in _running(kind):
        with contextlib.suppress(psutil.Error):
            if datetime.fromtimestamp(process.create_time(), UTC) < added:
                return f"{process.name()} (pid {process.pid})"
    return None


def browsers() -> list[str]:
    """Name and pid of each browser that runs, its first process."""
    found = []
    for kind in PROCESSES:
        first = next(iter(_running(kind)), None)
        if first:
            found.append(f"{first.name()} (pid {first.pid}) is running.")
    return found


def _running(kind: str) -> list[psutil.Process]:
    """The user's, oldest first."""
    mine = psutil.Process().uids().effective
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            name = process.name().lower()
            # Every Electron program has a crashpad of Chrome's.
            named = PROCESSES[kind].search(name) and "crashpad" not in name
            if named and process.uids().effective == mine:
                found.append((process.create_time(), process.pid, process))
    return [process for _, _, process in sorted(found, key=lambda item: item[:2])]
