"""Finds the log lines of one connection, from nginx and the app, by its request id."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from stack.base import StackError

# The app writes lines while the connection is open, nginx one after its end.
WRITERS = ("app", "nginx")
_LENGTH = 32  # of nginx's $request_id, in hexadecimal digits
_LEAST = 4


def lines(asked: str, written: Callable[[str], Iterable[str]]) -> list[str]:
    """The lines of one connection, each with its writer's name.

    asked: the request id, or its first digits. written: returns all lines of one of WRITERS.
    Raises StackError if no id, or more than one, begins with these digits.
    """
    if not re.fullmatch(rf"[0-9a-f]{{{_LEAST},{_LENGTH}}}", asked):
        raise StackError(
            f"ID is {asked!r}; write the request_id of one of nginx's lines (make logs), which "
            f"the app gets as X-Request-ID, or its first {_LEAST} digits or more"
        )
    rest = _LENGTH - len(asked)
    pattern = re.compile(rf"(?<![0-9a-f]){asked}[0-9a-f]{{{rest}}}(?![0-9a-f])")
    found, ids = [], set()
    for writer in WRITERS:
        for line in written(writer):
            if match := pattern.search(line):
                ids.add(match[0])
                found.append(f"{writer:<5} | {line}")
    if not found:
        raise StackError(
            f"no line of nginx or the app has a request id that begins with {asked}. nginx writes "
            "of a WebSocket when it ends, and the oldest lines are dropped. All lines: make logs"
        )
    if len(ids) > 1:
        raise StackError(
            f"{len(ids)} connections begin with {asked}; name one: make logs ID={min(ids)}, or "
            f"another of: {' '.join(sorted(ids)[1:10])}"
        )
    return found
