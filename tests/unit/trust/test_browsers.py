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


PROGRAMS = [*browsers.CHROMIUMS, *(name for kin in browsers.FIREFOXES for name in kin.programs)]


@pytest.mark.parametrize("program", sorted(PROGRAMS))
def test_browser_that_runs_is_known_by_its_process(program: str) -> None:
    # Edge's program is microsoft-edge, its process msedge.
    process = program.replace("microsoft-edge", "msedge")
    assert any(name.search(process) for name in browsers.PROCESSES.values())


@pytest.mark.parametrize("program", ["zenity", "zenserver", "thunderbird", "bash"])
def test_program_that_is_no_browser_is_not_taken_for_one(program: str) -> None:
    assert not any(name.search(program) for name in browsers.PROCESSES.values())


def make_profile(path: Path) -> Path:
    path.mkdir(parents=True)
    (path / "cert9.db").touch()
    return path


LISTS = {
    "profiles.ini, absolute": ("profiles.ini", "[Profile0]\nName=w\nIsRelative=0\nPath={there}\n"),
    "installs.ini, absolute": ("installs.ini", "[4F96D1932A9F858E]\nDefault={there}\nLocked=1\n"),
    "a section of an installation": ("profiles.ini", "[InstallAB]\nDefault={there}\n"),
    "Windows' line ends and a BOM": ("profiles.ini", "\ufeff[Profile0]\r\nPath={there}\r\n"),
    "relative, a folder further": (
        "profiles.ini",
        "[Profile0]\nIsRelative=1\nPath=../../elsewhere/work\n",
    ),
    "beside lines that are damaged": ("profiles.ini", "Path=\x00\n\n[\nPath\nPath={there}\n"),
}


@pytest.mark.parametrize(("name", "text"), LISTS.values(), ids=LISTS)
def test_profile_that_lies_elsewhere_is_found_by_its_list(home: Home, name: str, text: str) -> None:
    there = make_profile(home.path / "elsewhere/work")
    root = home.path / ".mozilla/firefox"
    make_profile(root / "aa.default")
    (root / name).write_bytes(text.format(there=there).encode())
    found = [profile.path.resolve() for profile in browsers.profiles(home.env)]
    assert found == [root / "aa.default", there]
    proven = firefox_client.find(home.env, home.runner, Path("/"))
    assert [client.profile and client.profile.resolve() for client in proven] == found
    assert "profile work" in home.firefox()[1].title


def test_profile_that_is_listed_and_was_never_started_is_none(home: Home) -> None:
    root = home.path / ".mozilla/firefox"
    root.mkdir(parents=True)
    (root / "profiles.ini").write_text("[Profile0]\nDefault=1\nPath=/no/such\nPath=aa.default\n")
    (root / "aa.default").mkdir()
    assert browsers.profiles(home.env) == []


KIN = {
    "LibreWolf": ".librewolf",
    "Waterfox": ".waterfox",
    "Zen": ".config/zen",
    "Thunderbird": "snap/thunderbird/common/.thunderbird",
}


@pytest.mark.parametrize(("name", "root"), KIN.items(), ids=KIN)
def test_kin_of_firefox_has_a_store_and_is_proven_with_its_own_program(
    home: Home, name: str, root: str
) -> None:
    profile = make_profile(home.path / root / "cc.work")
    home.program("firefox")
    for kin in browsers.FIREFOXES:
        for program in kin.programs[:1]:
            home.program(program)
    (store,) = home.firefox()
    assert (store.place, store.title) == (str(profile), f"{name}, profile work (~/{root}/cc.work)")
    clients = firefox_client.find(home.env, home.runner, Path("/"))
    proven = {(c.name, Path(c.path or "").name) for c in clients if c.profile == profile}
    # Thunderbird opens no page when told to.
    expected = {"LibreWolf": "librewolf", "Waterfox": "waterfox", "Zen": "zen-browser"}
    assert proven == ({(name, expected[name])} if name in expected else set())
