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
    for started, pid, name in _running(kind):
        if datetime.fromtimestamp(started, UTC) < added:
            return f"{name} (pid {pid})"
    return None


def browsers() -> list[str]:
    """A text for each running browser, with the name and pid of its first process."""
    found = []
    for kind in PROCESSES:
        for _, pid, name in _running(kind)[:1]:
            found.append(f"{name} (pid {pid}) is running.")
    return found


def _running(kind: str) -> list[tuple[float, int, str]]:
    """Start (seconds since the epoch), pid and name of the user's browser processes of this
    kind, the oldest first."""
    mine = psutil.Process().uids().effective
    found = []
    for process in psutil.process_iter():
        # It may end at any moment. So all is asked here, and nothing later.
        with contextlib.suppress(psutil.Error):
            name = process.name()
            # Every Electron program has a crashpad process from Chrome.
            named = PROCESSES[kind].search(name.lower()) and "crashpad" not in name.lower()
            if named and process.uids().effective == mine:
                found.append((process.create_time(), process.pid, name))
    return sorted(found)
