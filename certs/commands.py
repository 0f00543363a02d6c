"""The only module that runs programs, or asks for root.

What is to be run is data: planners return commands, so that --dry-run can print
them and tests can read them.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field


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
        sudo = ["sudo"] if self.root and os.geteuid() != 0 else []
        return " ".join([*sudo, *assigned, shlex.join(self.argv)])


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
    interactive: whether sudo may ask for a password.
    """

    def __init__(self, env: Mapping[str, str], *, interactive: bool) -> None:
        self.env = dict(env)
        self._interactive = interactive

    def which(self, program: str) -> str | None:
        """Its path, looked up in this environment's PATH."""
        return shutil.which(program, path=self.env.get("PATH", os.defpath))

    def authenticate(self) -> None:
        """Lets sudo ask for the password now, where it may: it keeps it for a while."""
        if self._interactive and os.getuid() != 0 and self.which("sudo"):
            subprocess.run(["sudo", "-v"], env=self.env, check=False)

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
        # The real user may still be root: see certs.user.
        if not command.root or os.getuid() == 0:
            return command.argv
        if not self.which("sudo"):
            raise NeedsRootError(command)
        assigned = [f"{name}={value}" for name, value in command.env.items()]
        if self._interactive:
            return ("sudo", "--", "env", *assigned, *command.argv)
        # Where no password is needed (CI) sudo is as good without a terminal.
        allowed = self._run(Command(("sudo", "-n", "true"), timeout=10), ("sudo", "-n", "true"))
        if allowed.code != 0:
            raise NeedsRootError(command)
        return ("sudo", "-n", "--", "env", *assigned, *command.argv)

    def _run(self, command: Command, argv: tuple[str, ...]) -> Result:
        # Root runs what is for root; everything else is the user's, also where
        # this process only became the user (see certs.user).
        as_root = command.root and os.getuid() == 0
        who = 0 if as_root else os.geteuid()
        group = 0 if as_root else os.getegid()
        try:
            done = subprocess.run(
                argv,
                input=command.stdin,
                capture_output=True,
                env={**self.env, **command.env},
                timeout=command.timeout,
                check=False,
                user=who if os.getuid() != who or os.geteuid() != who else None,
                group=group if os.getgid() != group or os.getegid() != group else None,
            )
        except FileNotFoundError:
            raise CommandError(f"{argv[0]} is not installed") from None
        except subprocess.TimeoutExpired:
            raise CommandError(
                f"`{command}` did not end within {command.timeout:.0f} seconds"
            ) from None
        except OSError as error:
            raise CommandError(f"`{command}` cannot be run: {error}") from error
        return Result(
            done.returncode,
            done.stdout.decode(errors="replace"),
            done.stderr.decode(errors="replace"),
        )
