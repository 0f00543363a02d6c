"""The only module that runs programs, or asks for root.

Commands are data: planners return them, --dry-run prints them, and tests read them.
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

# The system's timeout, because root runs it and PATH is the user's. macOS has none.
_TIMEOUT = shutil.which("timeout", path="/usr/bin:/bin")
_GRACE = 5.0  # seconds for a process to end, after a signal


@dataclass(frozen=True)
class Command:
    """A program to run.

    root: whether only root may run it.
    codes: the exit codes that mean success.
    timeout: seconds; certutil, for one, may wait for an answer to a question that nobody sees.
    """

    argv: tuple[str, ...]
    root: bool = False
    stdin: bytes = b""
    codes: tuple[int, ...] = (0,)
    timeout: float = 60.0
    env: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        """The command as a user would type it."""
        assigned = [f"{name}={shlex.quote(value)}" for name, value in self.env.items()]
        typed = " ".join([*assigned, shlex.join(self.argv)])
        if not self.root or os.geteuid() == 0:
            return typed
        if shutil.which("sudo"):
            return f"sudo {typed}"
        if shutil.which("doas"):  # doas accepts no assignments
            return f"doas env {typed}" if assigned else f"doas {typed}"
        return f"su -c {shlex.quote(typed)}"


def for_root(typed: str) -> bool:
    """Whether a typed command asks for root."""
    return typed.startswith(("sudo ", "doas ", "su -c "))


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str

    @property
    def words(self) -> str:
        """The last line of standard error, or of standard output if that is empty."""
        for text in (self.err, self.out):
            # A JVM prints the options from the environment on standard error.
            lines = [
                line for line in text.splitlines() if line and not line.startswith("Picked up ")
            ]
            if lines:
                return lines[-1].strip()
        return "it said nothing"


class CommandError(Exception):
    """A command could not be run, or failed. The text quotes it."""


class NeedsRootError(CommandError):
    """Only root may run this, and there is no way to become root here."""

    def __init__(self, command: Command) -> None:
        super().__init__(f"needs root: {command}")
        self.command = command


class Runner:
    """Runs commands as the user, and commands for root with sudo.

    env: the complete environment of the commands.
    interactive: whether sudo may ask for a password, in authenticate() alone.
    """

    def __init__(self, env: Mapping[str, str], *, interactive: bool) -> None:
        self.env = dict(env)
        self._interactive = interactive

    def which(self, program: str) -> str | None:
        """The program's path, looked up in this environment's PATH."""
        return shutil.which(program, path=self.env.get("PATH", os.defpath))

    def authenticate(self) -> bool:
        """Whether commands for root can be run; sudo may ask for the password here.

        No command asks later, in the middle of a table: sudo remembers the password, or fails.
        """
        if os.getuid() == 0 or self._allowed():
            return True
        if not self._interactive or not self.which("sudo"):
            return False
        # Ctrl-C ends sudo's question alone: a user may decline to type a password.
        before = signal.signal(signal.SIGINT, lambda *_: None)
        try:
            return subprocess.run(("sudo", "-v"), env=self.env, check=False).returncode == 0
        finally:
            signal.signal(signal.SIGINT, before)

    def look(self, *argv: str, timeout: float = 30.0, stdin: bytes = b"") -> Result:
        """Runs a program that changes nothing; any exit code is fine.

        Raises CommandError if the program cannot be run or takes too long.
        """
        return self._run(Command(argv, timeout=timeout, stdin=stdin), argv)

    def run(self, command: Command) -> Result:
        """Raises CommandError, with the command and its last line, or NeedsRootError."""
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
        # Only root can end a process of root's, and killing sudo does not: root runs timeout.
        limit = (_TIMEOUT, "-k", f"{_GRACE:g}", f"{command.timeout:g}") if _TIMEOUT else ()
        assigned = (f"{name}={value}" for name, value in command.env.items())
        return ("sudo", "-n", "--", *limit, "env", *assigned, *command.argv)

    def _allowed(self) -> bool:
        """Whether sudo asks for no password, or has it already."""
        if not self.which("sudo"):
            return False
        try:
            return self.look("sudo", "-n", "true", timeout=10).code == 0
        except CommandError:
            return False

    def _run(self, command: Command, argv: tuple[str, ...]) -> Result:
        # Root runs only commands for root. All others run as the user, also if this process
        # is root that became the user (see certs.sudo).
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
            # With sudo, root's own timeout comes first.
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
    """Kills the process if it runs, and waits for a bounded time: some cannot be killed."""
    with contextlib.suppress(PermissionError):  # sudo runs as root
        process.kill()
    try:
        process.wait(_GRACE)
    except subprocess.TimeoutExpired:
        threading.Thread(target=process.wait, daemon=True).start()
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe:
            with contextlib.suppress(OSError):
                pipe.close()
