"""python -m stack.local.supervisord STATE_DIR CONFIG: supervisord, in a new session, recorded like
its processes (see stack.local.processes), and changed in two points.

It outlives a full disk. When supervisord (4.3) cannot write a log, it prints the line to standard
error. That is a file on the same disk: the failed print ends supervisord, and then nothing restarts
a process that ends.

It does the launcher's work in the process that it has forked: a new Python for the launcher takes
as long as nginx takes to start, once for each process.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from supervisor import loggers, supervisord

from stack.local import launcher, processes
from stack.local.supervisor import NAME

# The signals that supervisord handles. A handler ends with exec, and here that comes later.
_HANDLED = ("SIGTERM", "SIGINT", "SIGQUIT", "SIGHUP", "SIGCHLD", "SIGUSR2")


def _lose(_: loggers.Handler) -> None:
    """Drops a line that could not be written; the next one is tried again."""


def _launch(_: object, __: str, argv: Sequence[str], env: Mapping[str, str]) -> None:
    """In the place of ServerOptions.execve. argv: the launcher's, from stack.local.supervisor."""
    for name in _HANDLED:
        signal.signal(signal.Signals[name], signal.SIG_DFL)
    os.environ.update(env)
    launcher.become(Path(argv[-2]), argv[-1])


def main() -> None:
    state_dir, config = Path(sys.argv[1]), sys.argv[2]
    if os.fork():
        os._exit(0)
    os.setsid()
    processes.record(state_dir / "pids", NAME)
    loggers.Handler.handleError = _lose
    supervisord.ServerOptions.execve = _launch
    supervisord.main(["-c", config])


if __name__ == "__main__":
    main()
