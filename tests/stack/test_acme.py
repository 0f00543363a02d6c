"""A public name by ACME: certbot's recipe of docs/public.md, against pebble."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.pebble import PROGRAMS, pebble, skip_without
from tests.support.recipes import DAYS, Recipe, blocks
from tests.support.running import Running
from tests.support.steady import steady
from tests.support.tls import connect
from tests.support.waiting import until

NAME = "chat.example.com"
SETTINGS, ISSUE, OWN, RENEW = blocks("ACME: certbot, with a file")
FRESH = 8.0  # seconds, on a machine that is busy with other tests; docs promise two


@pytest.fixture(scope="module")
def recipe(mode_or_skip: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recipe]:
    """A stack with a certificate that certbot has got as the page has it."""
    skip_without("certbot", *PROGRAMS)
    folder = tmp_path_factory.mktemp(f"acme-{mode_or_skip}")
    stack = Running(mode_or_skip, folder)
    with pebble(folder, stack.http_port, DAYS) as acme:
        try:
            made = Recipe(stack, acme, folder)
            for lines in (SETTINGS, ISSUE, OWN):
                made.run(lines)
            made.up()
            yield made
        finally:
            stack.remove()


def test_certificate_of_the_first_issue_is_served(recipe: Recipe) -> None:
    assert recipe.served(NAME) == recipe.in_file()
    with connect(f"wss://{NAME}:{recipe.stack.https_port}/ws", recipe.trust) as client:
        client.send("in public")
        assert client.recv(timeout=5) == "in public"
    with recipe.stack.connect() as client:
        client.send("on localhost")
        assert client.recv(timeout=5) == "on localhost"


def test_renewal_is_served_within_seconds_and_drops_no_websocket(recipe: Recipe) -> None:
    before = recipe.served(NAME)
    with steady(recipe.stack, 100, 1.0, NAME, recipe.trust) as clients:
        recipe.run(RENEW)
        assert recipe.in_file() != before
        until(lambda: recipe.served(NAME) == recipe.in_file(), "the new certificate", FRESH)
    clients.assert_unnoticed()


def test_failed_renewal_is_said_and_the_old_certificate_stays(recipe: Recipe) -> None:
    before = recipe.served(NAME)
    recipe.acme.dns("add-a", host=NAME, addresses=["127.0.0.3"])  # where nobody listens
    try:
        with steady(recipe.stack, host=NAME, tls=recipe.trust) as clients:
            done = recipe.command(RENEW[0])
            assert done.returncode != 0
            assert f"Failed to renew certificate {NAME}" in done.stdout + done.stderr
            assert recipe.served(NAME) == recipe.in_file() == before
    finally:
        recipe.acme.dns("clear-a", host=NAME)
    clients.assert_unnoticed()
