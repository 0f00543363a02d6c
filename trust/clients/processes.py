"""Runs a client so that no process and no file of it stays.

Unlike Runner.run, this module gives each client its own folder, and ends the whole
process group: a browser is many processes, and `go run` is two.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from trust.commands import CommandError, Runner

SECONDS = 10.0  # a client's limit for a step that should take one second
PREFIX = "wss-stack-client-"  # of the folders
_GRACE = 2.0  # seconds in which killed processes may still write files
_POLL = 0.02


@dataclass(frozen=True)
class Ended:
    """The output and exit code of a client that has ended."""

    code: int
    out: str
    err: str

    def words(self, *marks: str) -> str:
        """The line that says what went wrong: see the function words."""
        return words(self.out + "\n" + self.err, *marks) or f"exit {self.code}"


def words(text: str, *marks: str) -> str:
    """The most useful line: the first one with a mark, else the last one."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    marked = (line for line in lines for mark in marks if mark in line)
    return next(marked, lines[-1] if lines else "")


@contextlib.contextmanager
def scratch(parent: Path | None = None) -> Iterator[Path]:
    """A folder that is removed afterwards.

    parent: for clients that are confined to a part of the home folder.
    """
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
    try:
        yield folder
    finally:
        deadline = time.monotonic() + _GRACE
        while folder.exists() and time.monotonic() < deadline:
            # A last process of a browser may still write.
            shutil.rmtree(folder, ignore_errors=True)
            time.sleep(_POLL if folder.exists() else 0)


def run(
    runner: Runner,
    argv: Sequence[str],
    *,
    folder: Path,
    env: Mapping[str, str] | None = None,
    timeout: float = 2 * SECONDS,
) -> Ended:
    """Runs a client to its end, in this folder. Raises CommandError, also for the timeout."""
    with started(runner, argv, folder=folder, env=env) as client:
        if not client.until(client.ended, timeout):
            raise CommandError(f"{argv[0]} did not end within {timeout:.0f} seconds")
        return Ended(client.code(), client.out().decode(errors="replace"), client.err())


class Started:
    """A client that runs until it is ended."""

    def __init__(self, process: subprocess.Popen[bytes], out: Path, err: Path) -> None:
        self._process = process
        self._out = out
        self._err = err

    def ended(self) -> bool:
        return self._process.poll() is not None

    def code(self) -> int:
        return self._process.wait()

    def out(self) -> bytes:
        """The output so far."""
        return self._out.read_bytes()

    def err(self) -> str:
        return self._err.read_text(errors="replace")

    def write(self, data: bytes) -> None:
        """Writes to the client's standard input, which stays open."""
        # The client may have ended already; its output has the reason.
        with contextlib.suppress(BrokenPipeError):
            if self._process.stdin:
                self._process.stdin.write(data)

    def until(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Waits for the condition while the client runs. Returns whether it holds."""
        deadline = time.monotonic() + seconds
        while not condition():
            if self.ended() or time.monotonic() > deadline:
                return condition()
            time.sleep(_POLL)
        return True


@contextlib.contextmanager
def started(
    runner: Runner,
    argv: Sequence[str],
    *,
    folder: Path,
    env: Mapping[str, str] | None = None,
) -> Iterator[Started]:
    """Runs a client in this folder, inside the `with`. Raises CommandError."""
    # Files, not pipes: no process of the client waits for a reader, or keeps a pipe open.
    out, err = folder / "stdout", folder / "stderr"
    with (
        out.open("wb") as to_out,
        err.open("wb") as to_err,
        _start(runner, argv, folder, env, to_out, to_err) as process,
    ):
        yield Started(process, out, err)


@contextlib.contextmanager
def _start(
    runner: Runner,
    argv: Sequence[str],
    folder: Path,
    env: Mapping[str, str] | None,
    out: IO[bytes],
    err: IO[bytes],
) -> Iterator[subprocess.Popen[bytes]]:
    # As in Runner: if root has become the user, the client must become the user too.
    become_user = os.getuid() != os.geteuid()
    try:
        process = subprocess.Popen(
            argv,
            stdin=subprocess.PIPE,
            bufsize=0,
            stdout=out,
            stderr=err,
            cwd=folder,
            # Chromium and the JVM leave sockets and files in the temporary folder.
            env={**runner.env, "TMPDIR": str(folder), **(env or {})},
            start_new_session=True,
            user=os.geteuid() if become_user else None,
            group=os.getegid() if become_user else None,
        )
    except FileNotFoundError:
        raise CommandError(f"{argv[0]} is not installed") from None
    except OSError as error:
        raise CommandError(f"{argv[0]} cannot be run: {error}") from error
    try:
        yield process
    finally:
        # Killed at once, because its files are removed with the folder. init reaps the
        # others of the group, which may take a while.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        if process.stdin:
            process.stdin.close()


def version(runner: Runner, *argv: str) -> str:
    """The version that a program prints; "" if it prints none."""
    try:
        said = runner.look(*argv)
    except CommandError:
        return ""
    return first_version(said.out or said.err)


def first_version(text: str) -> str:
    """The first word with a dot that begins with a digit."""
    found = re.search(r"\d+(\.\w+)+", text)
    return found.group() if found else ""
