"""One machine for all tests of trust, so that no store of this one is touched."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support import clients_in_machine as clients
from tests.support import machine as machines
from tests.support.machine import SECOND, Machine


@pytest.fixture(scope="session")
def machine() -> Iterator[Machine]:
    """As a user's who has used Firefox: with a profile of it."""
    why = machines.missing()
    if why:
        pytest.skip(why)
    with machines.machine() as made:
        clients.firefox(made)
        yield made


@pytest.fixture(scope="session")
def stack(machine: Machine) -> Machine:
    """The stack runs in the machine, at localhost:8443."""
    machine.make("up")
    return machine


@pytest.fixture(scope="session")
def second(machine: Machine) -> str:
    """A second checkout there, with nothing running."""
    machine.add_tree(SECOND)
    return SECOND
