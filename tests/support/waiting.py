"""Waiting on conditions, never on time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

from websockets.exceptions import WebSocketException

T = TypeVar("T")


def until(condition: Callable[[], T], what: str, seconds: float = 20.0) -> T:
    """The first true value of the condition; an AssertionError after the deadline.

    An exception counts as not yet, and is the cause if it stays.
    """
    deadline = time.monotonic() + seconds
    pause = threading.Event()
    error: Exception | None = None
    while time.monotonic() < deadline:
        try:
            value = condition()
            if value:
                return value
            error = None
        except (OSError, AssertionError, WebSocketException) as raised:
            error = raised
        pause.wait(0.05)
    raise AssertionError(f"waited {seconds:.0f} s for {what}") from error
