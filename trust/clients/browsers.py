"""What Chromium and Firefox share: a page opens the echo, and reports."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from trust.clients import processes
from trust.clients.base import PROVEN_BY_ECHO, Cause, Proof, Target, refused, unknown
from trust.commands import CommandError, Runner

_SECONDS = 40.0  # a cold start on a busy machine
_SNAP = re.compile(rb"/snap/bin/([\w.-]+)")


def prove(
    runner: Runner,
    target: Target,
    argv: Sequence[str],
    folder: Path,
    env: Mapping[str, str],
    explain: Callable[[str], str],
    fix: str = "",
) -> Proof:
    """argv: up to the page's address. folder: the browser's own, for this one run.
    explain: finds in its log why a connection failed, which a page is not told. fix: the
    command, where it is another than for every store."""
    if not target.visit:
        return unknown("a browser is proven against a server of our own; none is running")
    visit = target.visit()
    try:
        with processes.started(runner, [*argv, visit.url], folder=folder, env=env) as browser:
            report = visit.result(_SECONDS, browser.ended)
            ended, log = browser.ended(), browser.err() + browser.out().decode(errors="replace")
    except CommandError as error:
        return unknown(str(error))
    if report == "pass":
        return PROVEN_BY_ECHO
    if report:
        return refused(explain(log) or report, Cause.STORE, fix)
    if ended:
        return unknown(f"it did not run: {processes.words(log, 'FATAL', 'Error:')}")
    return unknown(f"it did not open a page within {_SECONDS:.0f} seconds")


def snap(path: str) -> str | None:
    """The name of the snap that this program is, or starts; None when it is none."""
    real = Path(path).resolve()
    if real.name == "snap":  # /snap/bin/firefox is a link to it
        return Path(path).name
    try:
        with real.open("rb") as file:
            found = _SNAP.search(file.read(4096))  # Ubuntu's is a script
    except OSError:
        return None
    return found[1].decode() if found else None


def place(path: str, env: Mapping[str, str]) -> Path | None:
    """Where its folder must be so that it can use it; None for anywhere.

    A snap sees neither /tmp nor hidden folders.
    """
    name = snap(path)
    return Path(env.get("HOME", "/")) / "snap" / name / "common" if name else None
