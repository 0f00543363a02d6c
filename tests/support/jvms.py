"""A user who may not read what root's JVM has."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator

import pytest

NOBODY = 65534


@pytest.fixture
def step_down() -> Generator[Callable[[], None]]:
    """Not root from the call on, as after certs.sudo.become."""
    uid, gid = os.geteuid(), os.getegid()

    def down() -> None:
        if uid == 0:
            os.setegid(NOBODY)
            os.seteuid(NOBODY)

    yield down
    os.seteuid(uid)
    os.setegid(gid)
