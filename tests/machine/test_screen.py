"""The screen on which tests look is as a terminal's."""

from __future__ import annotations

import pytest

from tests.machine.screen import COLOUR, Screen

SHOWN = {
    "lines": ("one\r\ntwo\r\n", "one\ntwo"),
    "a line without a return": ("one\ntwo", "one\n   two"),
    "a line that is too long": ("0123456789abc", "0123456789\nabc"),
    "a line that is just full": ("0123456789\r\nabc", "0123456789\nabc"),
    "one over another": ("three\rtwo", "twoee"),
    "one in the place of another": ("three\r\x1b[2Ktwo", "two"),
    "back up": ("one\r\ntwo\r\n\x1b[2A\x1b[2Ksix", "six\ntwo"),
    "not up into what has scrolled away": ("1\r\n2\r\n3\r\n4\r\n\x1b[9A\x1b[2Kx", "1\n2\nx\n4"),
    "colours": ("\x1b[1;32mpass\x1b[0m it", "pass it"),
}


@pytest.mark.parametrize("case", SHOWN)
def test_screen_shows_what_was_written(case: str) -> None:
    written, shown = SHOWN[case]
    assert Screen(10, 3).write(written).text == shown


def test_the_cursor_hides_and_comes_back() -> None:
    screen = Screen(10, 3).write("\x1b[?25l")
    assert not screen.cursor_is_shown
    assert screen.write("\x1b[?25h").cursor_is_shown


@pytest.mark.parametrize(
    "written", ["\x1b[5;5H", "\x1b[3J", "\b", "\x1b7", "\N{CJK RADICAL REPEAT}"]
)
def test_unknown_sequence_is_an_error(written: str) -> None:
    with pytest.raises(ValueError, match="would have to know"):
        Screen(10, 3).write(written)


@pytest.mark.parametrize("colour", ["\x1b[31m", "\x1b[1;32m", "\x1b[92m", "\x1b[38;5;9m"])
def test_sequence_of_a_colour_is_known_as_one(colour: str) -> None:
    assert COLOUR.search(colour)


@pytest.mark.parametrize("other", ["\x1b[0m", "\x1b[1m", "\x1b[2m", "\x1b[39m", "\x1b[2K"])
def test_sequence_that_is_no_colour_is_none(other: str) -> None:
    assert not COLOUR.search(other)
