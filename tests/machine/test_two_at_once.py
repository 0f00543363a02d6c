"""Who types the same command twice at once, or in two checkouts, has it done once.

One story, in the order of this file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from tests.support.machine import SECOND, SECOND_PORTS, TREE, Machine, Snapshot

BOUND = 120.0  # seconds, for all of them together
ANCHORS = "/usr/local/share/ca-certificates/"
STORES = ("system", "Chromium", "Firefox", "Java")

Ended = tuple[int, str]  # the exit status, and what it said


@pytest.fixture(scope="module")
def before(stack: Machine) -> Snapshot:
    return stack.snapshot()


@pytest.fixture(scope="module")
def certs(stack: Machine, second: str, before: Snapshot) -> Iterator[list[Ended]]:
    yield at_once(stack, "certs", TREE, TREE, second)
    stack.make("untrust")


@pytest.fixture(scope="module")
def after(stack: Machine, certs: list[Ended]) -> Snapshot:
    return stack.snapshot()


def at_once(machine: Machine, target: str, *trees: str) -> list[Ended]:
    """Raises TimeoutExpired for one that does not end in time."""
    ports = {SECOND: SECOND_PORTS}
    started = [machine.start("make", target, env=ports.get(tree), cwd=tree) for tree in trees]
    said = [process.communicate(timeout=BOUND)[0] for process in started]
    return [(process.returncode, words) for process, words in zip(started, said, strict=True)]


def test_make_certs_exits_0_twice_at_once(certs: list[Ended]) -> None:
    assert [code for code, _ in certs] == [0, 0, 0], certs


def test_store_has_the_root_once(stack: Machine, before: Snapshot, after: Snapshot) -> None:
    new = after.certificates - before.certificates
    assert {fingerprint for _, _, _, fingerprint in new} == {stack.root()}
    stores = Counter(store for store, _, _, _ in new)
    assert list(stores.values()) == [1] * len(STORES), stores
    assert len([path for path in after.files if path.startswith(ANCHORS)]) == 1


def test_no_store_has_lost_anything(before: Snapshot, after: Snapshot) -> None:
    """update-ca-certificates is not made to run twice at once: half of a bundle may be left."""
    lost = before.certificates - after.certificates
    assert Counter(store for store, _, _, _ in lost) == {}
    assert before.files.keys() - after.files.keys() == set()


def test_two_make_untrust_leave_everything_as_it_was(
    stack: Machine, certs: list[Ended], before: Snapshot
) -> None:
    ended = at_once(stack, "untrust", TREE, TREE)
    assert [code for code, _ in ended] == [0, 0], ended
    assert stack.snapshot().changes(before) == []
