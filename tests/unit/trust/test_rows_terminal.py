"""Rows at a real terminal, as narrow as people have them, and what comes in between."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.machine.screen import COLOUR, Screen
from tests.support import programs
from tests.support.terminals import LINES, at_terminal
from trust.rows import COLUMN

STORES = "~/.config/mozilla/firefox/rruwzh87.default-esr"
NOTE = (
    "fix: sudo install -D -m 0644 /home/ada/.local/share/wss-stack/roots/0123abcd.pem "
    "/usr/local/share/ca-certificates/wss-stack-0123abcd.crt && sudo update-ca-certificates"
)
ROWS = {
    f"Firefox, profile default-esr ({STORES})": "already trusted",
    "system (Debian, Ubuntu, Alpine)": "not done",
    "Java (/usr/lib/jvm/java-21-openjdk-amd64)": "could not check",
}


def shown(
    how: str, folder: Path, columns: int, answers: Sequence[tuple[str, str]] = (), **env: str
) -> str:
    told = json.dumps({"note": NOTE, "rows": ROWS})
    return at_terminal(programs.command("rows", how), folder, columns, answers, ROWS=told, **env)


def row(name: str) -> str:
    return f"{ROWS[name]:<{COLUMN}}  {name}"


@pytest.mark.parametrize("columns", [40, 80])
def test_outcome_and_name_of_every_row_can_be_read(tmp_path: Path, columns: int) -> None:
    screen = Screen(columns, LINES).write(shown("all", tmp_path, columns))
    lines = screen.text.splitlines()
    for name in ROWS:
        begin = lines.index(row(name)[:columns].rstrip())
        assert "".join(lines[begin:]).startswith(row(name)), "the rest is where it goes on"
    assert not [line for line in lines if line.endswith("store")], "nothing is still to come"
    assert screen.cursor_is_shown


def test_a_command_is_one_line_to_copy_whatever_the_width(tmp_path: Path) -> None:
    assert shown("all", tmp_path, 40).count(f"    {NOTE}\r\n") == len(ROWS)


@pytest.mark.parametrize("env", [{}, {"NO_COLOR": "1"}], ids=["colours", "NO_COLOR"])
def test_no_color_is_heeded(tmp_path: Path, env: dict[str, str]) -> None:
    raw = shown("all", tmp_path, 80, (), **env)
    assert bool(COLOUR.search(raw)) is not bool(env)
    assert row("system (Debian, Ubuntu, Alpine)") in Screen(80, LINES).write(raw).text


def test_a_locale_without_unicode_is_no_trouble(tmp_path: Path) -> None:
    raw = shown("all", tmp_path, 80, (), PYTHONIOENCODING="ascii")
    assert row("system (Debian, Ubuntu, Alpine)") in Screen(80, LINES).write(raw).text


def test_line_that_is_said_in_between_garbles_nothing(tmp_path: Path) -> None:
    text = Screen(200, LINES).write(shown("saying", tmp_path, 200)).text
    first, second, third = map(row, ROWS)
    note = f"    {NOTE}"
    said = ("said " + 12 * "long ").rstrip()
    wanted = [first, note, said, second, note, "printed", third, note]
    assert text.splitlines() == wanted


def test_an_interrupt_leaves_the_rows_and_the_cursor(tmp_path: Path) -> None:
    raw = shown("waiting", tmp_path, 200, [("type now", "\x03")])
    screen = Screen(200, LINES).write(raw.replace("^C", ""))
    first, second, _ = map(row, ROWS)
    note = f"    {NOTE}"
    assert screen.text.splitlines() == [first, note, second, note, "type now", "interrupted"]
    assert screen.cursor_is_shown
