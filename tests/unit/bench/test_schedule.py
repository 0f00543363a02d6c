"""When messages of an open loop are due."""

from __future__ import annotations

import pytest

from bench.schedule import Schedule


def test_messages_are_due_evenly_from_the_start() -> None:
    assert Schedule(10.0, 100).due(10.035) == pytest.approx([10.0, 10.01, 10.02, 10.03])


def test_each_message_is_due_once() -> None:
    schedule = Schedule(0.0, 10)
    assert schedule.due(0.05) == [0.0]
    assert schedule.due(0.05) == []
    assert schedule.due(0.25) == pytest.approx([0.1, 0.2])


def test_stall_of_the_load_does_not_move_what_was_due_meanwhile() -> None:
    """Otherwise latencies would not count from when a message should have left."""
    schedule = Schedule(0.0, 10)
    schedule.due(0.0)
    assert schedule.due(1.0) == pytest.approx([n / 10 for n in range(1, 11)])
