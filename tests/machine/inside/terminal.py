"""Run in the machine: runs a command at a terminal of its own, and types.

Reads from standard input, as JSON: argv, columns, lines, seconds, and answers, a
list of [what is asked, what is typed then]. Prints, as JSON: code, the exit status
(minus the signal's number), and output, everything that was written to the
terminal, in base64. A command that is not at its end after the seconds is killed.
"""

from __future__ import annotations

import base64
import contextlib
import fcntl
import json
import os
import pty
import select
import signal
import struct
import sys
import termios
import time
from pathlib import Path


def main(
    argv: list[str], columns: int, lines: int, seconds: float, answers: list[list[str]]
) -> dict[str, int | str]:
    pid, terminal = pty.fork()
    if pid == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        os.execvp(argv[0], argv)  # noqa: S606 - it is the point
    output = b""
    answered = 0  # up to here: nothing is asked twice
    deadline = time.monotonic() + seconds
    while piece := _read(terminal, deadline):
        output += piece
        while answers and (found := output.find(answers[0][0].encode(), answered)) >= 0:
            asked, typed = answers.pop(0)
            answered = found + len(asked)
            _wait_for_reader(terminal, deadline)
            os.write(terminal, typed.encode())
    if time.monotonic() >= deadline:
        os.killpg(pid, signal.SIGKILL)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    return {"code": code, "output": base64.b64encode(output).decode()}


def _wait_for_reader(terminal: int, deadline: float) -> None:
    """Until all that runs at the terminal sleeps: who asks is then reading.

    A Ctrl-C between sudo's prompt and its read would be lost, and sudo read on; nobody
    types as fast.
    """
    group = str(os.tcgetpgrp(terminal))
    while time.monotonic() < deadline:
        states = set()
        for path in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):  # it has ended
                # After the name in parentheses: state, parent, group (proc_pid_stat(5)).
                state, _, its_group = path.read_text().rpartition(")")[2].split()[:3]
                if its_group == group:
                    states.add(state)
        if states == {"S"}:
            return
        select.select([], [], [], 0.01)


def _read(terminal: int, deadline: float) -> bytes:
    """Nothing when nobody has the terminal any more, or after the deadline."""
    ready, _, _ = select.select([terminal], [], [], max(0.0, deadline - time.monotonic()))
    try:
        return os.read(terminal, 65536) if ready else b""
    except OSError:  # EIO, which is Linux's way to say so
        return b""


if __name__ == "__main__":
    print(json.dumps(main(**json.load(sys.stdin))))
