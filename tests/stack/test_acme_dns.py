"""A wildcard by ACME: lego's recipe of docs/public.md, against pebble and its DNS."""

from __future__ import annotations

import shutil

import pytest

from tests.conftest import IN_CI
from tests.support.pebble import PROGRAMS, pebble, skip_without
from tests.support.recipes import DAYS, Recipe, blocks
from tests.support.running import Running
from tests.support.waiting import until

MODES = ("local",)
HOSTS = ("chat.example.com", "another.example.com")
ISSUE, SETTINGS, RENEW = blocks("ACME: lego, with DNS, for a wildcard")


def test_wildcard_is_issued_and_renewed_by_dns(own: Running) -> None:
    if IN_CI and not shutil.which("lego"):
        pytest.xfail("this distribution has no lego (.ci/run)")
    skip_without("lego", *PROGRAMS)
    with pebble(own.folder, own.http_port, DAYS) as acme:
        recipe = Recipe(own, acme, own.folder)
        recipe.run(ISSUE)
        recipe.run(SETTINGS)
        recipe.up()
        first = recipe.in_file()
        assert [recipe.served(host) for host in HOSTS] == [first] * 2
        recipe.run(RENEW)
        second = recipe.in_file()
        assert second != first
        until(lambda: [recipe.served(host) for host in HOSTS] == [second] * 2, "the renewed CERT")
