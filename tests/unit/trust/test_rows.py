"""Rows as they are shown: a line each in a pipe, aligned on a terminal."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from rich.console import Console

from tests.machine.screen import Screen
from trust.clients.base import Verdict
from trust.rows import COLUMN, Check, Line, NameCheck, Rows, answer, clients, stores
from trust.stores import change
from trust.stores.change import Outcome

LINES = (
    Line("Chromium", "pass", True),
    Line("curl", "fail", False, ("it was refused", "fix: make certs")),
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
    """As trust.install makes it."""
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


def screen(text: str, columns: int = 120, lines: int = 40) -> Screen:
    # The end of a line is the terminal's to make of a line feed: see stty's onlcr.
    return Screen(columns, lines).write(text.replace("\n", "\r\n"))


def test_a_pipe_gets_a_plain_line_each() -> None:
    assert shown(console(terminal=False), *LINES) == (
        "store: Chromium: pass\n"
        "store: curl: fail\n"
        "    it was refused\n"
        "    fix: make certs\n"
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
def test_quiet_rows_show_nothing(terminal: bool) -> None:
    assert shown(console(terminal=terminal, quiet=True), *LINES) == ""


def test_pipe_without_rows_gets_nothing() -> None:
    assert shown(console(terminal=False)) == ""


def test_a_terminal_gets_aligned_rows() -> None:
    assert screen(shown(console(terminal=True), *LINES)).text == (
        "pass             Chromium\n"
        "fail             curl\n"
        "    it was refused\n"
        "    fix: make certs\n"
        "could not check  deno"
    )


def test_every_outcome_has_room_before_the_name() -> None:
    assert max(len(word.value) for word in (*Outcome, *Verdict)) == COLUMN


def test_a_terminal_gets_each_row_when_it_is_known() -> None:
    terminal = console(terminal=True)
    assert isinstance(terminal.file, StringIO)
    with Rows(terminal, "store") as rows:
        rows.show(LINES[0])
        first, more = screen(terminal.file.getvalue()).text.splitlines()
        assert first == "pass             Chromium"
        assert more.endswith("store"), "what is still to come"


# Whether the exit status is 0 with a client of this verdict, and the colour of its row.
VERDICTS = {
    Verdict.PASS: (True, True),
    Verdict.NEEDS_ENV: (True, None),
    Verdict.UNKNOWN: (False, None),
    Verdict.FAIL: (False, False),
}


@pytest.mark.parametrize("verdict", Verdict)
def test_client_that_needs_make_env_is_no_pass_and_fails_no_command(
    verdict: Verdict, capsys: pytest.CaptureFixture[str]
) -> None:
    stack = Check("the stack", Verdict.PASS)
    client = Check("Node 24", verdict, "why", "fix")
    succeeds, colour = VERDICTS[verdict]
    assert client.ok is colour
    assert answer(True, [], [stack, client]) == (0 if succeeds else 1)
    told = json.loads(capsys.readouterr().out)
    assert told["ok"] is succeeds
    assert told["clients"][1]["verdict"] == verdict.name.lower()


def test_row_of_a_client_that_needs_make_env_says_where_it_is_explained() -> None:
    terminal = console(terminal=False)
    clients(terminal, [Check("Node 24", Verdict.NEEDS_ENV, "why", 'eval "$(make -s env)"')])
    assert isinstance(terminal.file, StringIO)
    assert terminal.file.getvalue() == (
        "client: Node 24: needs make env\n"
        "    why\n"
        '    fix: eval "$(make -s env)"\n'
        "    see docs/trust.md#what-a-row-says\n"
    )


COLOURS = {"good": (True, "32"), "bad": (False, "31"), "neither": (None, "33")}


@pytest.mark.parametrize(("ok", "colour"), COLOURS.values(), ids=COLOURS)
def test_the_colour_says_how_it_went(ok: bool | None, colour: str) -> None:
    out = shown(console(terminal=True), Line("a", "outcome", ok))
    assert f"\x1b[{colour}moutcome\x1b[0m" in out


@pytest.mark.parametrize("terminal", [False, True], ids=["a pipe", "a terminal"])
@pytest.mark.parametrize("text", AS_THEY_ARE)
def test_names_and_notes_are_shown_as_they_are(text: str, terminal: bool) -> None:
    out = shown(console(terminal=terminal), Line(text, "pass", True, (f"of {text}", text)))
    seen = screen(out).text
    assert seen.count(text) == 3
    assert seen.count("\\") == 3 * text.count("\\")


def test_every_row_is_there_on_a_small_terminal_too() -> None:
    lines = [Line(f"row {count:02}", "pass", True) for count in range(30)]
    seen = screen(shown(console(terminal=True, height=5), *lines), lines=5).text
    assert seen.splitlines() == [f"pass             {line.name}" for line in lines]


def test_failure_in_between_leaves_the_rows_and_the_cursor() -> None:
    terminal = console(terminal=True)

    def fail() -> None:
        with Rows(terminal, "store") as rows:
            rows.show(LINES[0])
            raise OSError("no")

    with pytest.raises(OSError, match="no"):
        fail()
    assert isinstance(terminal.file, StringIO)
    seen = screen(terminal.file.getvalue())
    assert (seen.text, seen.cursor_is_shown) == ("pass             Chromium", True)


def test_failure_at_the_start_leaves_the_cursor(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = console(terminal=True)

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("rich.live._RefreshThread", interrupt)
    with pytest.raises(KeyboardInterrupt), Rows(terminal, "store"):
        pass
    assert isinstance(terminal.file, StringIO)
    assert screen(terminal.file.getvalue()).cursor_is_shown


def test_rows_of_names_have_words_and_a_place_of_their_own() -> None:
    rows = [
        change.Row("hosts", "/etc/hosts", "names", Outcome.TRUSTED),
        change.Row("hosts", "/etc/hosts", "names", Outcome.ALREADY),
        change.Row("hosts", "/etc/hosts", "names", Outcome.NOT_DONE, "why", "what"),
        change.Row("system", "/anchors", "system", Outcome.TRUSTED),
        change.Row("system", "/anchors", "system", Outcome.NOT_DONE, "why", "what"),
    ]
    checks = [
        NameCheck("the name api.test", Verdict.FAIL, "why", "what"),
        Check("curl", Verdict.FAIL, "why", "what"),
    ]
    pipe = console(terminal=False)
    assert stores(pipe, rows) == rows
    assert clients(pipe, checks) == checks
    assert isinstance(pipe.file, StringIO)
    said = [line for line in pipe.file.getvalue().splitlines() if line.strip() != "why"]
    assert said == [
        "store: names: written now",
        "store: names: already there",
        "store: names: not done",
        "    fix: what",
        "    see docs/trust.md#names-that-lead-here",
        "store: system: trusted now",
        "store: system: not done",
        "    fix: what",
        "    see docs/trust.md#stores",
        "client: the name api.test: fail",
        "    fix: what",
        "    see docs/trust.md#names-that-lead-here",
        "client: curl: fail",
        "    fix: what",
        "    see docs/trust.md#what-a-row-says",
    ]
