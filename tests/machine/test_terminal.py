"""make certs at a terminal, for a user whose sudo asks for a password.

One story, in the order of this file.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

import pytest

from tests.machine.screen import COLOUR
from tests.machine.terminal import ASKED, COLUMNS, RIGHT, SUDO_LOG, Seen, at_terminal, sudo_asks
from tests.support.machine import Machine, Snapshot

STORES = ("system", "chromium", "firefox", "java")
CLIENTS = ("curl", "wget", "openssl", "python ssl", "node", "java", "chromium", "firefox")
# A spinner and what it is about, painted over by the next.
LIVE = re.compile(r"\S (store|client)\r\x1b\[2K")
# What only asks sudo whether it may be used.
HARMLESS = {"validate", "/usr/bin/true"}


@pytest.fixture(scope="module")
def before(stack: Machine) -> Snapshot:
    return stack.snapshot()


@pytest.fixture(scope="module")
def certs(stack: Machine, before: Snapshot) -> Iterator[Seen]:
    with sudo_asks(stack):
        yield at_terminal(stack, "make", "certs", answers=RIGHT)
    stack.make("untrust", check=False)


def test_every_store_and_client_has_its_row_and_all_is_well(certs: Seen) -> None:
    assert certs.code == 0, certs.screen.text
    rows = [line.lower() for line in certs.lines]
    for store in STORES:
        assert [row for row in rows if re.match(f"trusted now +{store}", row)], rows
    for client in CLIENTS:
        assert [row for row in rows if re.match(f"pass +{client}", row)], rows


def test_sudo_asks_once_after_what_it_is_for_and_before_the_first_row(certs: Seen) -> None:
    assert certs.raw.count(ASKED) == 1
    announced, rows = certs.raw.split(ASKED)
    assert "will run sudo " in announced
    assert "trusted now" not in announced
    assert "trusted now" in rows


def test_root_ran_nothing_but_what_was_announced(stack: Machine, certs: Seen) -> None:
    announced = certs.raw.partition(ASKED)[0].replace("\r\n", "\n")
    said = {" ".join(shlex.split(line)) for line in re.findall("will run sudo (.+)", announced)}
    ran = re.findall(r"COMMAND=(?:\S+/timeout .+? env )?(.+)", stack.read(SUDO_LOG))
    assert said
    assert len(set(ran) - HARMLESS) >= 2
    assert set(ran) - HARMLESS <= said


def test_the_rows_are_coloured_and_the_line_below_them_lives(certs: Seen) -> None:
    assert COLOUR.search(certs.raw)
    assert {live[1] for live in LIVE.finditer(certs.raw)} == {"store", "client"}
    assert "\x1b[?25l" in certs.raw  # the cursor hides meanwhile


def test_screen_has_the_rows_and_the_cursor_at_the_end(certs: Seen) -> None:
    shown = certs.screen.text.splitlines()
    wrapped = (
        line[start : start + COLUMNS].rstrip()
        for line in certs.lines
        for start in range(0, len(line) or 1, COLUMNS)
    )
    assert shown == list(wrapped)  # nothing hides, or is left of, another thing
    assert not [line for line in shown if re.fullmatch(r"\S (store|client)", line)]
    assert certs.screen.cursor_is_shown
    # All names begin in the same column.
    rows = [line for line in certs.lines if line.startswith(("pass ", "trusted now "))]
    assert len({re.search(" {2,}", row).end() for row in rows}) == 1  # type: ignore[union-attr]


def test_make_certs_with_no_color_uses_no_colour(stack: Machine, certs: Seen) -> None:
    doctor = at_terminal(stack, "make", "doctor", env={"NO_COLOR": "1"})
    assert doctor.code == 0
    assert "pass" in doctor.raw
    assert not COLOUR.search(doctor.raw)


def test_make_untrust_asks_once_and_takes_it_all_back(
    stack: Machine, certs: Seen, before: Snapshot
) -> None:
    untrust = at_terminal(stack, "make", "untrust", answers=RIGHT)
    assert untrust.code == 0, untrust.screen.text
    assert untrust.raw.count(ASKED) == 1
    assert "taken back" in untrust.raw.partition(ASKED)[2]
    assert stack.snapshot().changes(before) == []
