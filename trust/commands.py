"""The only module that runs programs, or asks for root.

What is to be run is data: planners return commands, so that --dry-run can print
them and tests can read them.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

# The system's, as root is to run it: PATH is the user's. macOS has none.
_TIMEOUT = shutil.which("timeout", path="/usr/bin:/bin")
_GRACE = 5.0  # seconds to end in, for what was asked to or was killed


@dataclass(frozen=True)
class Command:
    """A program to run.

    root: it must be run by root.
    codes: the exit codes that mean it went well.
    timeout: seconds; certutil, for one, may ask a question that nobody sees.
    """

    argv: tuple[str, ...]
    root: bool = False
    stdin: bytes = b""
    codes: tuple[int, ...] = (0,)
    timeout: float = 60.0
    env: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        """As it would be typed."""
        assigned = [f"{name}={shlex.quote(value)}" for name, value in self.env.items()]
        typed = " ".join([*assigned, shlex.join(self.argv)])
        if not self.root or os.geteuid() == 0:
            return typed
        if shutil.which("sudo"):
            return f"sudo {typed}"
        if shutil.which("doas"):  # which takes no assignments
            return f"doas env {typed}" if assigned else f"doas {typed}"
        return f"su -c {shlex.quote(typed)}"


def for_root(typed: str) -> bool:
    """Whether what is typed asks for root."""
    return typed.startswith(("sudo ", "doas ", "su -c "))


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str

    @property
    def words(self) -> str:
        """The last line it said; errors come first."""
        for text in (self.err, self.out):
            # A JVM tells on standard error which options it was given.
            lines = [
                line for line in text.splitlines() if line and not line.startswith("Picked up ")
            ]
            if lines:
                return lines[-1].strip()
        return "it said nothing"


class CommandError(Exception):
    """A command could not be run, or failed. The text has its words."""


class NeedsRootError(CommandError):
    """Only root may run this, and there is no way to become root here."""

    def __init__(self, command: Command) -> None:
        super().__init__(f"needs root: {command}")
        self.command = command


class Runner:
    """Runs commands as the user, and those for root by sudo.

    env: the whole environment of what is run.
    interactive: whether sudo may ask for a password, in authenticate() alone.
    """

    def __init__(self, env: Mapping[str, str], *, interactive: bool) -> None:
        self.env = dict(env)
        self._interactive = interactive

    def which(self, program: str) -> str | None:
        """Its path, looked up in this environment's PATH."""
        return shutil.which(program, path=self.env.get("PATH", os.defpath))

    def authenticate(self) -> bool:
        """Whether what needs root can be run; lets sudo ask for the password first.

        Nothing asks later, in the middle of a table: sudo remembers, or says no.
        """
        if os.getuid() == 0 or self._allowed():
            return True
        if not self._interactive or not self.which("sudo"):
            return False
        # Ctrl-C is sudo's, whose question it ends: no password is an answer too.
        before = signal.signal(signal.SIGINT, lambda *_: None)
        try:
            return subprocess.run(("sudo", "-v"), env=self.env, check=False).returncode == 0
        finally:
            signal.signal(signal.SIGINT, before)

    def look(self, *argv: str, timeout: float = 30.0, stdin: bytes = b"") -> Result:
        """Runs something that changes nothing, whatever its exit code.

        Raises CommandError when it cannot be run or takes too long.
        """
        return self._run(Command(argv, timeout=timeout, stdin=stdin), argv)

    def run(self, command: Command) -> Result:
        """Raises CommandError, with the command and what it said, or NeedsRootError."""
        result = self._run(command, self._argv(command))
        if result.code not in command.codes:
            raise CommandError(f"`{command}` failed (exit {result.code}): {result.words}")
        return result

    def _argv(self, command: Command) -> tuple[str, ...]:
        # The real user may still be root: see certs.sudo.
        if not command.root or os.getuid() == 0:
            return command.argv
        if not self._allowed():
            raise NeedsRootError(command)
        # What is root's can be ended by root alone, and not by killing sudo.
        limit = (_TIMEOUT, "-k", f"{_GRACE:g}", f"{command.timeout:g}") if _TIMEOUT else ()
        assigned = (f"{name}={value}" for name, value in command.env.items())
        return ("sudo", "-n", "--", *limit, "env", *assigned, *command.argv)

    def _allowed(self) -> bool:
        """Whether sudo asks for no password, or for none any more."""
        if not self.which("sudo"):
            return False
        try:
            return self.look("sudo", "-n", "true", timeout=10).code == 0
        except CommandError:
            return False

    def _run(self, command: Command, argv: tuple[str, ...]) -> Result:
        # Root runs what is for root; everything else is the user's, also where
        # this process only became the user (see certs.sudo).
        as_root = command.root and os.getuid() == 0
        who = 0 if as_root else os.geteuid()
        group = 0 if as_root else os.getegid()
        by_sudo = command.root and not as_root
        late = CommandError(f"`{command}` did not end within {command.timeout:.0f} seconds")
        began = time.monotonic()
        try:
            process = subprocess.Popen(
                argv,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env={**self.env, **command.env},
                user=who if os.getuid() != who or os.geteuid() != who else None,
                group=group if os.getgid() != group or os.getegid() != group else None,
            )
        except FileNotFoundError:
            raise CommandError(f"{argv[0]} is not installed") from None
        except OSError as error:
            raise CommandError(f"`{command}` cannot be run: {error}") from error
        try:
            # By sudo, root's own limit comes first.
            limit = command.timeout + (2 * _GRACE if by_sudo else 0)
            out, err = process.communicate(command.stdin, timeout=limit)
        except subprocess.TimeoutExpired:
            raise late from None
        finally:
            _end(process)
        took = time.monotonic() - began
        if by_sudo and process.returncode not in command.codes and took >= command.timeout:
            raise late
        return Result(
            process.returncode,
            out.decode(errors="replace"),
            err.decode(errors="replace"),
        )


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ends what has not ended, and waits, but never for what cannot be ended."""
    with contextlib.suppress(PermissionError):  # sudo is root's
        process.kill()
    try:
        process.wait(_GRACE)
    except subprocess.TimeoutExpired:
        threading.Thread(target=process.wait, daemon=True).start()
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe:
            with contextlib.suppress(OSError):
                pipe.close()
