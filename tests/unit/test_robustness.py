"""docs/robustness.md is written from the rows that tests record."""

from __future__ import annotations

from tests.support.robustness import Row, page


def row(mode: str, seen: str, **figures: int) -> Row:
    return Row("Hostile clients", "no key", mode, seen, figures)


def test_row_that_is_the_same_in_both_modes_is_shown_once() -> None:
    text = page([row("docker", "400"), row("local", "400")])
    assert "| no key | both | 400 |" in text
    assert "| docker |" not in text


def test_rows_that_differ_are_shown_each() -> None:
    for rows in (
        [row("docker", "400"), row("local", "426")],
        [row("docker", "400", ms=1), row("local", "400", ms=2)],
    ):
        text = page(rows)
        assert "| docker |" in text
        assert "| local |" in text
