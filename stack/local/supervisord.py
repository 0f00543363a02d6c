"""python -m stack.local.supervisord: supervisord, which outlives a full disk.

When supervisord (4.3) cannot write a log, it prints the line to standard error. That is a file on
the same disk: the failed print ends supervisord, and then nothing restarts a process that ends.
"""

from __future__ import annotations

from supervisor import loggers, supervisord


def _lose(_: loggers.Handler) -> None:
    """Drops a line that could not be written; the next one is tried again."""


if __name__ == "__main__":
    loggers.Handler.handleError = _lose
    supervisord.main()
