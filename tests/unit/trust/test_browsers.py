"""Browsers are found once, for stores, clients and the question which still run."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import nss
from tests.support.nss import Home
from trust import browsers
from trust.clients import chromium as chromium_client
from trust.clients import firefox as firefox_client

home = nss.home


@pytest.mark.parametrize("config", ["relative", "", "/no/such/folder"])
def test_profile_that_has_a_store_is_proven_wherever_xdg_config_home_leads(
    home: Home, config: str
) -> None:
    home.env["XDG_CONFIG_HOME"] = config
    profile = home.path / ".mozilla/firefox/aa.default"
    in_config = home.path / ".config/mozilla/firefox/bb.new"
    for folder in (profile, in_config):
        folder.mkdir(parents=True)
        (folder / "cert9.db").touch()
    stores = {Path(store.place) for store in home.firefox()}
    proven = {client.profile for client in firefox_client.find(home.env, home.runner, Path("/"))}
    assert stores == proven
    assert profile in stores
    assert (in_config in stores) is (config != "/no/such/folder")


@pytest.mark.parametrize("program", sorted(browsers.CHROMIUMS))
def test_browser_whose_store_is_written_to_is_proven(home: Home, program: str) -> None:
    home.program(program)
    assert home.chromium(), "its store"
    found = chromium_client.find(home.env, home.runner, Path("/"))
    assert [client.name for client in found] == [browsers.CHROMIUMS[program]]


@pytest.mark.parametrize("program", sorted({*browsers.CHROMIUMS, *browsers.FIREFOXES}))
def test_browser_that_runs_is_known_by_its_process(program: str) -> None:
    names = [name for names in browsers.PROCESSES.values() for name in names]
    # Edge's program is microsoft-edge, its process msedge.
    assert any(name in program.replace("microsoft-edge", "msedge") for name in names)
