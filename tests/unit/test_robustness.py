"""docs/robustness.md is written from the rows that tests record."""

from __future__ import annotations

from tests.support.robustness import MEMORY, Row, page


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


def test_worst_memory_of_a_connection_is_told() -> None:
    def case(name: str, mode: str, memory: float) -> Row:
        return Row("Hostile clients", name, mode, "closed", {MEMORY: memory})

    text = page([case("a", "docker", 1), case("b", "docker", 77.6), case("b", "local", 9)])
    assert "Worst memory of one hostile connection: 78 MiB (b), then 1 MiB (a)." in text
    assert "Worst memory" not in page([row("local", "400")])
