"""Three engines on this machine, joined as a Swarm, with the stack deployed.

`make swarm-test` runs all tests here. `make test` leaves them out, except for the short ones in CI.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.swarm import Deployed, deployed

WHOLE = os.environ.get("SWARM_TEST") == "1"
SHORT = "test_swarm"
_WHY = "takes minutes, three engines and root: make swarm-test"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """In CI, where nothing may be skipped, the long tests are not even chosen."""
    here = [item for item in items if Path(__file__).parent in item.path.parents]
    in_ci = os.environ.get("CI") == "true"
    for item in here if not WHOLE else ():
        if not in_ci:
            item.add_marker(pytest.mark.skip(reason=_WHY))
        elif item.path.stem != SHORT:
            items.remove(item)
            config.hook.pytest_deselected(items=[item])


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    # In the short form a dead node is found sooner than by Docker's default.
    heartbeat = "5s" if WHOLE else "2s"
    with deployed(tmp_path_factory.mktemp("swarm"), heartbeat) as found:
        yield found


@pytest.fixture
def swarm(stack: Deployed) -> Deployed:
    """With all nodes up, and a replica on each."""
    stack.restore()
    return stack
