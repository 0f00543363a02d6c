"""How many connections are measured."""

from __future__ import annotations

import pytest

from bench import most
from certs import limits
from certs.errors import SettingError


def test_as_many_are_measured_as_the_stack_can_be_set_to_hold() -> None:
    found = most.of_the_stack()
    limits.read({"MAX_CONNECTIONS": str(found)})
    if found < most.WANTED:
        with pytest.raises(SettingError):
            limits.read({"MAX_CONNECTIONS": str(found + 1)})


@pytest.mark.parametrize("limit", [1, 4096, 9999, 10_000, 65_536])
def test_limit_of_the_stack_is_found(limit: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(most, "_is_accepted", lambda connections: connections <= limit)
    assert most.of_the_stack() == min(limit, most.WANTED)
