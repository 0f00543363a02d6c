"""A command at a terminal in the test machine: what is typed, and what is seen."""

from __future__ import annotations

import base64
import contextlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tests.machine.screen import Screen
from tests.support.machine import INSIDE, Machine

COLUMNS, LINES = 80, 24  # as every terminal has at least
_SECONDS = 120.0


# What dev's sudo asks with.
ASKED = "password for dev:"
_PASSWORD = "correct horse"  # noqa: S105 - of nobody else
RIGHT = ((ASKED, f"{_PASSWORD}\n"),)
WRONG = ((ASKED, "battery staple\n"),) * 3  # then sudo gives up
CTRL_C = ((ASKED, "\x03"),)
SUDO_LOG = "/var/log/sudo.log"

_SUDOERS = "/etc/sudoers.d/dev"
_PAM = "/etc/pam.d/common-auth"


@dataclass(frozen=True)
class Seen:
    """code: the exit status, or minus a signal's number. raw: all that was written."""

    code: int
    raw: str

    @property
    def screen(self) -> Screen:
        return Screen(COLUMNS, LINES).write(self.raw)

    @property
    def lines(self) -> list[str]:
        """As they were written, however long: what a terminal has wrapped is copied so."""
        return Screen(len(self.raw), LINES).write(self.raw).text.splitlines()


@contextlib.contextmanager
def sudo_asks(machine: Machine) -> Iterator[None]:
    """For dev's password, and notes in SUDO_LOG what it runs."""
    before = {path: machine.read(path) for path in (_SUDOERS, _PAM)}
    # A wrong password would cost two seconds.
    at_once = before[_PAM].replace("pam_unix.so nullok", "pam_unix.so nullok nodelay")
    log = f"Defaults logfile={SUDO_LOG}, loglinelen=0\n"
    try:
        machine.run("chpasswd", user="root", stdin=f"dev:{_PASSWORD}\n")
        machine.write(_PAM, at_once)
        machine.write(_SUDOERS, log + before[_SUDOERS].replace("NOPASSWD:", ""))
        yield
    finally:
        for path, text in before.items():
            machine.write(path, text)
        machine.run("rm", "-f", SUDO_LOG, user="root")


def at_terminal(
    machine: Machine,
    *argv: str,
    answers: Sequence[tuple[str, str]] = (),
    env: Mapping[str, str] | None = None,
) -> Seen:
    """Runs it as dev. answers: what is asked, in this order, and what is typed then."""
    told = {
        "argv": argv,
        "columns": COLUMNS,
        "lines": LINES,
        "seconds": _SECONDS,
        "answers": answers,
    }
    script = ("python3", f"{INSIDE}/terminal.py")
    terminal = {"TERM": "xterm-256color", **(env or {})}
    done = json.loads(machine.run(*script, env=terminal, stdin=json.dumps(told)).stdout)
    return Seen(done["code"], base64.b64decode(done["output"]).decode())


def fixes(lines: Sequence[str]) -> list[str]:
    """The commands to type, of the stores' rows."""
    label = "    fix: "
    found = [line.removeprefix(label) for line in lines if line.startswith(label)]
    return [command for command in found if command.startswith("sudo ")]
