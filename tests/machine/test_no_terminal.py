"""make certs without a terminal, for a user whose sudo asks for a password: a job, an IDE.

One story, in the order of this file.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import pytest

from tests.machine.terminal import fixes, sudo_asks
from tests.support.machine import Machine, Snapshot

Done = subprocess.CompletedProcess[str]


@pytest.fixture(scope="module")
def before(stack: Machine) -> Snapshot:
    return stack.snapshot()


@pytest.fixture(scope="module")
def certs(stack: Machine, before: Snapshot) -> Iterator[Done]:
    with sudo_asks(stack):
        yield stack.make("certs", check=False)
    stack.make("untrust", check=False)


def test_the_row_says_not_done_with_the_command_to_type(certs: Done) -> None:
    assert certs.returncode != 0
    outcomes = {
        line.removeprefix("store: ").partition(" ")[0].lower(): line.rpartition(": ")[2]
        for line in certs.stdout.splitlines()
        if line.startswith("store: ")
    }
    assert outcomes["system"] == "not done"
    assert outcomes["chromium,"] == outcomes["firefox,"] == "trusted now"
    assert fixes(certs.stdout.splitlines())[0].startswith("sudo ")


def test_command_that_was_told_fixes_it_and_doctor_passes(stack: Machine, certs: Done) -> None:
    stack.run("sh", "-c", fixes(certs.stdout.splitlines())[0], user="root")
    doctor = stack.make("doctor", check=False)
    assert doctor.returncode == 0, doctor.stdout


def test_make_untrust_takes_back_what_was_typed_too(
    stack: Machine, certs: Done, before: Snapshot
) -> None:
    """As sudo asks again, it says what to type, as often as there is something."""
    untrust = stack.make("untrust", check=False)
    for command in fixes(untrust.stdout.splitlines()):
        stack.run("sh", "-c", command, user="root")
    assert stack.snapshot().changes(before) == []
    assert stack.make("untrust").returncode == 0
