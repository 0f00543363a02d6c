"""Two users of one machine who type make certs in the same moment do each other no harm.

One story, in the order of this file.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.machine import TREE, Machine, Snapshot
from tests.support.users_in_machine import User, user

BOUND = 120.0  # seconds, for both of them together
BUNDLE = "/etc/ssl/certs/ca-certificates.crt"

Ended = tuple[int, str]  # the exit status, and what it said


@pytest.fixture(scope="module")
def before(stack: Machine) -> Snapshot:
    return stack.snapshot()


@pytest.fixture(scope="module")
def eve(stack: Machine, second: str) -> Iterator[User]:
    with user(stack, "eve", second) as made:
        yield made


def both(machine: Machine, target: str, other: User) -> list[Ended]:
    """Raises TimeoutExpired for one that does not end in time."""
    started = [
        machine.start("make", target, cwd=TREE),
        machine.start("make", target, *other.settings, cwd=other.tree, user=other.name),
    ]
    said = [process.communicate(timeout=BOUND)[0] for process in started]
    return [(process.returncode, words) for process, words in zip(started, said, strict=True)]


@pytest.fixture(scope="module")
def certs(stack: Machine, eve: User, before: Snapshot) -> Iterator[list[Ended]]:
    yield both(stack, "certs", eve)
    stack.make("untrust")


def test_make_certs_of_both_users_exits_0(certs: list[Ended]) -> None:
    assert [code for code, _ in certs] == [0, 0], certs


def test_the_second_says_that_it_waits(certs: list[Ended]) -> None:
    waited = [words for _, words in certs if "waiting for another run" in words]
    assert len(waited) == 1


def test_the_machine_trusts_the_root_of_each_and_has_lost_none(
    stack: Machine, eve: User, certs: list[Ended], before: Snapshot
) -> None:
    after = stack.snapshot()
    new = {c[3] for c in after.certificates - before.certificates if c[0] == BUNDLE}
    assert new == {stack.root(), stack.root(eve.ca_home)}
    assert before.certificates <= after.certificates


def test_stack_of_another_user_is_told_from_the_users_own(
    stack: Machine, eve: User, certs: list[Ended]
) -> None:
    """At the port that dev's holds, whose authority is not eve's."""
    doctor = stack.run("make", "doctor", user=eve.name, cwd=eve.tree, check=False)
    assert doctor.returncode != 0
    (row,) = (line for line in doctor.stdout.splitlines() if "of this authority, but of" in line)
    assert "(dev@machine)" in row


def test_untrust_of_each_user_takes_back_its_own(
    stack: Machine, eve: User, certs: list[Ended], before: Snapshot
) -> None:
    ended = both(stack, "untrust", eve)
    assert [code for code, _ in ended] == [0, 0], ended
    assert stack.snapshot().changes(before) == []
