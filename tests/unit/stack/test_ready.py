"""Who waits for a server that is not started yet hardly burns any CPU."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from stack import asking, ready
from stack.base import StackError
from stack.settings import read


class Clock:
    """Time passes only while somebody waits."""

    def __init__(self) -> None:
        self.now = 0.0

    def wait(self, seconds: float) -> None:
        self.now += seconds


@pytest.mark.parametrize("env", [{}, {"UPSTREAM": "localhost:3000"}, {"APP": "shop.asgi:app"}])
def test_long_wait_asks_once_a_second(
    env: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    asked: list[float] = []

    def nothing_there(_: Path) -> None:
        asked.append(clock.now)
        raise ConnectionRefusedError

    monkeypatch.setattr(threading, "Event", lambda: clock)
    monkeypatch.setattr(time, "monotonic", lambda: clock.now)
    monkeypatch.setattr(asking, "context", nothing_there)
    with pytest.raises(StackError, match="did not answer within 60 seconds"):
        ready.wait(read({"HOME": str(tmp_path), **env}), lambda: None)
    assert len([when for when in asked if when < 1]) >= 9, "a stack that starts is seen at once"
    assert len([when for when in asked if when > 5]) <= 60
