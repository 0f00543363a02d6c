"""Contenders in turn."""

from __future__ import annotations

from bench import turns
from bench.contenders import Contender
from bench.errors import LoadError

A, B = Contender("A", "1"), Contender("B", "1")


def test_contenders_take_turns() -> None:
    seen: list[str] = []

    def once(one: Contender) -> int:
        seen.append(one.name)
        return len(seen)

    taken = turns.take([A, B], 3, once, "a case")
    assert seen == ["A", "B", "A", "B", "A", "B"]
    assert taken.found == {"A": [1, 3, 5], "B": [2, 4, 6]}


def test_contender_that_fails_is_left_out_and_the_others_go_on() -> None:
    seen: list[str] = []

    def once(one: Contender) -> int:
        seen.append(one.name)
        if one.name == "A" and len(seen) > 2:
            raise LoadError("closed with 1006")
        return len(seen)

    taken = turns.take([A, B], 3, once, "a case")
    assert seen == ["A", "B", "A", "B", "B"]
    assert taken.failed == {"A": "closed with 1006"}
    assert taken.of("A") == []
    assert taken.of("B") == [2, 4, 5]


def test_missing_contender_has_no_turn() -> None:
    gone = Contender("C", "", missing="there is no C on this machine")
    taken = turns.take([gone, A], 1, lambda one: one.name, "a case")
    assert taken.failed == {"C": "there is no C on this machine"}
    assert taken.found["A"] == ["A"]
