"""python -m stack.local.supervisord: supervisord, which outlives a full disk.

It prints what its logs do not take to standard error. That is a file beside them, and a failed
print ends supervisord (4.3), after which nothing restarts what ends.
"""

from __future__ import annotations

from supervisor import loggers, supervisord


def _lose(_: loggers.Handler) -> None:
    """The line that could not be written; the next one is tried again."""


if __name__ == "__main__":
    loggers.Handler.handleError = _lose
    supervisord.main()
