"""Clients that bring a bundle of their own: they trust the root by `make env`, and only so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from tests.support.clients_in_machine import BUNDLED, bundled
from tests.support.machine import CA_HOME, Machine
from tests.support.misissued_in_machine import serving

STACK = "localhost:8443"


@pytest.fixture(scope="module")
def misissued(stack: Machine) -> Iterator[Mapping[str, str]]:
    with serving(stack, f"{CA_HOME}/authority.pem") as targets:
        yield targets


@pytest.mark.parametrize("client", BUNDLED)
def test_client_without_make_env_refuses(stack: Machine, client: str) -> None:
    assert not bundled(stack, client, STACK, with_env=False)[STACK].accepted


@pytest.mark.parametrize("client", BUNDLED)
def test_client_with_make_env_accepts_what_the_authority_may_sign_and_no_more(
    stack: Machine, misissued: Mapping[str, str], client: str
) -> None:
    answers = bundled(stack, client, STACK, *misissued.values(), with_env=True)
    assert answers[STACK].accepted
    accepted = {name for name, target in misissued.items() if answers[target].accepted}
    assert accepted == {"good"}
