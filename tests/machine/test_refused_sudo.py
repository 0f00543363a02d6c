"""make certs and make untrust at a terminal whose user gives sudo no password.

One story, in the order of this file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.machine.terminal import ASKED, CTRL_C, WRONG, Seen, at_terminal, fixes, sudo_asks
from tests.support.machine import Machine, Snapshot

BROWSERS = ("chromium", "firefox")


@pytest.fixture(scope="module")
def before(stack: Machine) -> Snapshot:
    return stack.snapshot()


@pytest.fixture(scope="module")
def wrong(stack: Machine, before: Snapshot) -> Iterator[Seen]:
    """make certs, and a wrong password as often as sudo asks."""
    with sudo_asks(stack):
        yield at_terminal(stack, "make", "certs", answers=WRONG)
    stack.make("untrust", check=False)


@pytest.fixture(scope="module")
def interrupted(stack: Machine, wrong: Seen) -> Seen:
    """make untrust, and Ctrl-C at the password's prompt, where all stores trust the root."""
    for command in fixes(wrong.lines):
        stack.run("sh", "-c", command, user="root")
    return at_terminal(stack, "make", "untrust", answers=CTRL_C)


def rows(seen: Seen, outcome: str) -> list[str]:
    found = (re.match(f"{outcome} +(.+)", line) for line in seen.lines)
    return [row[1].lower() for row in found if row]


def test_a_wrong_password_leaves_the_browsers_stores_done_and_the_systems_not(wrong: Seen) -> None:
    assert wrong.code != 0
    trusted = rows(wrong, "trusted now")
    assert len(trusted) == len(BROWSERS)
    assert all(store.startswith(BROWSERS) for store in trusted)
    assert any(store.startswith("system") for store in rows(wrong, "not done"))


def test_a_wrong_password_is_not_asked_for_again_in_the_middle(wrong: Seen) -> None:
    *_, after = wrong.raw.split(ASKED)
    assert wrong.raw.count(ASKED) == len(WRONG)
    assert "trusted now" not in wrong.raw.removesuffix(after)
    assert "trusted now" in after


def test_commands_that_make_certs_names_fix_what_was_not_done(
    wrong: Seen, interrupted: Seen
) -> None:
    """Otherwise nothing of the system's would be there to be taken back."""
    assert fixes(wrong.lines)
    assert any(store.startswith("system") for store in rows(interrupted, "not done"))


def test_ctrl_c_at_the_prompt_leaves_the_browsers_stores_done_and_the_systems_not(
    interrupted: Seen,
) -> None:
    assert interrupted.code != 0
    assert interrupted.raw.count(ASKED) == 1
    taken_back = rows(interrupted, "taken back")
    assert len(taken_back) == len(BROWSERS)
    assert all(store.startswith(BROWSERS) for store in taken_back)


def test_commands_that_make_untrust_names_take_back_what_was_left(
    stack: Machine, interrupted: Seen, before: Snapshot
) -> None:
    for command in fixes(interrupted.lines):
        stack.run("sh", "-c", command, user="root")
    assert stack.snapshot().changes(before) == []
    assert stack.make("untrust").returncode == 0
