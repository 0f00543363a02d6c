"""The proof that Chromium and Firefox share: a page opens the echo, and reports."""

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
    """argv: the command, up to the page's address. folder: the browser's own in this run.
    explain: finds the reason of a failure in the browser's log, because a page does not learn
    it. fix: the command, if it is not the usual one."""
    if not target.visit:
        return unknown("a browser needs this project's test server, which does not run")
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
    """The name of the snap that this program is or starts; None if it is no snap."""
    real = Path(path).resolve()
    if real.name == "snap":  # /snap/bin/firefox is a link to it
        return Path(path).name
    try:
        with real.open("rb") as file:
            found = _SNAP.search(file.read(4096))  # on Ubuntu a script starts the snap
    except OSError:
        return None
    return found[1].decode() if found else None


def place(path: str, env: Mapping[str, str]) -> Path | None:
    """The parent folder that a snap can use for its files; None for other programs, which can
    use any. A snap sees neither /tmp nor hidden folders."""
    name = snap(path)
    return Path(env.get("HOME", "/")) / "snap" / name / "common" if name else None
