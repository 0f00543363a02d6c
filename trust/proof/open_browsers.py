"""Finds running browsers. A browser that started before the root was added or removed may
still remember whether it trusted the leaf."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from datetime import UTC, datetime

import psutil

from trust.browsers import PROCESSES
from trust.stores.ledger import Entry


def since_before(kind: str, entries: Sequence[Entry]) -> str | None:
    """Name and pid of a browser's oldest process that ran before the root was added, or None."""
    now = datetime.now(UTC)
    times = (datetime.fromisoformat(entry.when) for entry in entries)
    # A time in the future comes from a wrong clock; a restart would not help.
    added = max((when for when in times if when <= now), default=None)
    if added is None:
        return None
    for process in _running(kind):
        with contextlib.suppress(psutil.Error):
            if datetime.fromtimestamp(process.create_time(), UTC) < added:
                return f"{process.name()} (pid {process.pid})"
    return None


def browsers() -> list[str]:
    """A text for each running browser, with the name and pid of its first process."""
    found = []
    for kind in PROCESSES:
        first = next(iter(_running(kind)), None)
        if first:
            found.append(f"{first.name()} (pid {first.pid}) is running.")
    return found


def _running(kind: str) -> list[psutil.Process]:
    """The user's browser processes of this kind, the oldest first."""
    mine = psutil.Process().uids().effective
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            name = process.name().lower()
            # Every Electron program has a crashpad process from Chrome.
            named = PROCESSES[kind].search(name) and "crashpad" not in name
            if named and process.uids().effective == mine:
                found.append((process.create_time(), process.pid, process))
    return [process for _, _, process in sorted(found, key=lambda item: item[:2])]
