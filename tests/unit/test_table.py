"""Rows as they are shown: a line each in a pipe, a table on a terminal."""

from __future__ import annotations

import os
from io import StringIO

import pytest
from rich.console import Console

from certs.table import Line, Rows

LINES = (
    Line("Chromium", "pass", True),
    Line("curl", "fail", False, ("it was refused", "mend it: make certs")),
    Line("deno", "could not check", None),
)
# What rich would read for markup, an emoji, a link, a number; or end its own with.
AS_THEY_ARE = (
    "[bold]profile[/bold]",
    "[/]",
    "[/green]",
    r"\[red]x",
    ":smile:",
    "[link=https://example.com]x",
    "12:34:56 'a' None",
    "back\\",
)


def console(*, terminal: bool, quiet: bool = False, height: int = 40) -> Console:
    """As certs.actions makes it."""
    return Console(
        force_terminal=terminal,
        file=StringIO(),
        quiet=quiet,
        emoji=False,
        highlight=False,
        width=120,
        height=height,
        _environ={"TERM": "xterm"},
    )


def shown(console: Console, *lines: Line) -> str:
    with Rows(console, "store") as rows:
        rows.show_all(lines)
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def last(text: str) -> str:
    """What stays on the terminal: each frame begins where the one before did."""
    frames = text.split("\x1b[2K")
    return frames[-1]


def test_a_pipe_gets_a_plain_line_each() -> None:
    assert shown(console(terminal=False), *LINES) == (
        "store: Chromium: pass\n"
        "store: curl: fail\n"
        "    it was refused\n"
        "    mend it: make certs\n"
        "store: deno: could not check\n"
    )


def test_a_pipe_gets_each_line_when_it_is_known() -> None:
    pipe = console(terminal=False)
    assert isinstance(pipe.file, StringIO)
    with Rows(pipe, "store") as rows:
        rows.show(LINES[0])
        assert pipe.file.getvalue() == "store: Chromium: pass\n"


def test_a_long_line_stays_one_line_in_a_pipe() -> None:
    name = "long " * 100
    assert shown(console(terminal=False), Line(name, "pass", True)) == f"store: {name}: pass\n"


@pytest.mark.parametrize("terminal", [False, True], ids=["a pipe", "a terminal"])
def test_quiet_shows_nothing(terminal: bool) -> None:
    assert shown(console(terminal=terminal, quiet=True), *LINES) == ""


def test_no_rows_are_nothing_in_a_pipe() -> None:
    assert shown(console(terminal=False)) == ""


def test_a_terminal_gets_a_table() -> None:
    table = last(shown(console(terminal=True), *LINES))
    for line in LINES:
        for text in (line.name, line.outcome, *line.notes):
            assert text in table
    assert "store" not in table, "what is still to come is not in the end"


COLOURS = {"good": (True, "32"), "bad": (False, "31"), "neither": (None, "33")}


@pytest.mark.parametrize(("well", "colour"), COLOURS.values(), ids=COLOURS)
def test_the_colour_says_how_it_went(well: bool | None, colour: str) -> None:
    table = last(shown(console(terminal=True), Line("a", "outcome", well)))
    assert f"\x1b[{colour}moutcome\x1b[0m" in table


@pytest.mark.parametrize("terminal", [False, True], ids=["a pipe", "a terminal"])
@pytest.mark.parametrize("text", AS_THEY_ARE)
def test_names_and_notes_are_shown_as_they_are(text: str, terminal: bool) -> None:
    out = last(shown(console(terminal=terminal), Line(text, "pass", True, (f"of {text}", text))))
    assert out.count(text) == 3
    assert out.count("\\") == 3 * text.count("\\")


def test_in_the_end_every_row_is_there_on_a_small_terminal_too() -> None:
    lines = [Line(f"row {count:02}", "pass", True) for count in range(30)]
    table = last(shown(console(terminal=True, height=5), *lines))
    assert [line.name for line in lines if line.name not in table] == []


def test_what_fails_in_between_leaves_the_rows_and_the_cursor() -> None:
    terminal = console(terminal=True)

    def fail() -> None:
        with Rows(terminal, "store") as rows:
            rows.show(LINES[0])
            raise OSError("no")

    with pytest.raises(OSError, match="no"):
        fail()
    assert isinstance(terminal.file, StringIO)
    text = terminal.file.getvalue()
    assert "Chromium" in last(text)
    assert text.rindex("\x1b[?25h") > text.rindex("\x1b[?25l"), "the cursor is back"


def test_a_terminal_without_colours_gets_none(monkeypatch: pytest.MonkeyPatch) -> None:
    environ = {**os.environ, "NO_COLOR": "1", "TERM": "xterm"}
    plain = Console(force_terminal=True, file=StringIO(), _environ=environ, width=120)
    assert "\x1b[32m" not in shown(plain, *LINES)
