"""Decides what to do with each process of local mode after the settings or files changed."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from pathlib import Path

from stack.local import launcher, supervisor
from stack.local.launcher import Program


class How(enum.Enum):
    STOP = "stopping"
    RESTART = "restarting"
    RELOAD = "reloading"  # no WebSocket notices


Pending = dict[str, tuple[How, str]]  # by the process, with the reason
# Why there is no such process.
UNWANTED = {"app": "UPSTREAM takes its place", "metrics": "METRICS_PORT is not set"}


def plan(state: Path, states: Mapping[str, str], wanted: Mapping[str, Program]) -> Pending:
    """state: local mode's folder. states: supervisord's, by process."""
    found: Pending = {}
    for name in supervisor.ORDER:
        runs = states.get(name) in ("RUNNING", "STARTING")
        if name not in wanted:
            if runs:
                found[name] = How.STOP, UNWANTED[name]
        elif not runs:
            found[name] = How.RESTART, "it did not run"
        elif not launcher.runs(state, name, wanted[name]):
            found[name] = How.RESTART, "its settings changed"
        elif not launcher.has_read(state, name, wanted[name]):
            found[name] = How.RELOAD, "its files changed"
    return found
