"""Times that a user waits for, and those that fail."""

from __future__ import annotations

import contextlib
from pathlib import Path

from bench.programs import MissingError
from bench.saved import write_app
from bench.waiting import Waits


def fails() -> None:
    raise MissingError("make up failed: no nginx")


def test_each_time_counts() -> None:
    waits = Waits()
    for _ in range(3):
        waits.take("`make up`", lambda: None)
    (row,) = waits.rows()
    assert (row.what, row.times, row.missing) == ("`make up`", 3, "")
    assert 0 <= row.seconds < 1


def test_what_fails_is_missing_and_is_not_tried_again() -> None:
    waits, tries = Waits(), list[int]()

    def counted() -> None:
        tries.append(1)
        fails()

    waits.take("`make up`", counted)
    waits.take("`make up`", counted)
    (row,) = waits.rows()
    assert (row.missing, row.times, len(tries)) == ("make up failed: no nginx", 0, 1)


def test_what_never_had_its_turn_is_no_row() -> None:
    assert Waits().rows() == []


def test_saved_app_answers_its_text(tmp_path: Path) -> None:
    scope: dict[str, object] = {}
    exec(write_app(tmp_path, "it's {new}").read_text(), scope)  # noqa: S102
    sent: list[dict[str, object]] = []

    async def send(event: dict[str, object]) -> None:
        sent.append(event)

    coroutine = scope["app"]({"type": "http"}, None, send)  # type: ignore[operator]
    with contextlib.suppress(StopIteration):
        coroutine.send(None)
    assert sent[-1]["body"] == b"it's {new}"
