"""Which NSS databases Chromium and Firefox have."""

from __future__ import annotations

import pytest

from tests.support import nss
from tests.support.nss import OLD, SNAP, XDG, Home

home = nss.home


@pytest.mark.parametrize(
    ("folders", "programs", "places"),
    [
        pytest.param([], [], [], id="nothing, no browser"),
        pytest.param([], ["firefox"], [], id="nothing, and Firefox only"),
        pytest.param([], ["chromium"], [XDG], id="nothing yet, Chromium: the XDG one"),
        pytest.param([], ["google-chrome-stable"], [XDG], id="nothing yet, Chrome"),
        pytest.param([], ["microsoft-edge"], [XDG], id="nothing yet, Edge"),
        pytest.param([OLD], [], [OLD], id="the old one, no browser on PATH"),
        pytest.param([OLD], ["chromium"], [OLD], id="the old one: no XDG one beside it"),
        pytest.param([XDG], ["chromium"], [XDG], id="the XDG one: no old one beside it"),
        pytest.param([OLD, XDG], ["chromium"], [OLD, XDG], id="both"),
        pytest.param([SNAP], [], [SNAP], id="snap"),
        pytest.param([SNAP], ["brave"], [XDG, SNAP], id="snap, and Brave outside it"),
        pytest.param(
            [".var/app/com.google.Chrome/data/pki/nssdb"],
            [],
            [".var/app/com.google.Chrome/data/pki/nssdb"],
            id="flatpak",
        ),
        pytest.param([".cache/ms-playwright/chromium-1200"], [], [XDG], id="Playwright's"),
    ],
)
def test_chromium_has_these_databases(
    home: Home, folders: list[str], programs: list[str], places: list[str]
) -> None:
    for folder in folders:
        (home.path / folder).mkdir(parents=True)
    for program in programs:
        home.program(program)
    assert home.places(home.chromium()) == places


def test_xdg_data_home_decides_where_the_database_is(home: Home) -> None:
    home.program("chromium")
    home.env["XDG_DATA_HOME"] = str(home.path / "data")
    (home.path / XDG).mkdir(parents=True)
    assert home.places(home.chromium()) == ["data/pki/nssdb"]


def test_a_relative_xdg_data_home_is_ignored(home: Home) -> None:
    home.program("chromium")
    home.env["XDG_DATA_HOME"] = "data"
    assert home.places(home.chromium()) == [XDG]


def test_a_database_that_two_paths_lead_to_is_one(home: Home) -> None:
    (home.path / XDG).mkdir(parents=True)
    (home.path / ".pki").symlink_to(home.path / ".local/share/pki")
    assert len(home.chromium()) == 1


def test_no_database_is_made_for_the_chromium_of_a_mac(home: Home) -> None:
    home.program("chromium")
    (home.fs / "etc/os-release").unlink()
    assert home.chromium() == []


def test_environment_without_a_home_has_no_database(home: Home) -> None:
    del home.env["HOME"]
    assert (*home.chromium(), *home.firefox()) == ()


def test_firefox_has_a_store_for_every_profile(home: Home) -> None:
    profiles = [
        ".config/mozilla/firefox/aa.default",
        ".mozilla/firefox/bb.default-release",
        ".mozilla/firefox/cc.work",
        "snap/firefox/common/.mozilla/firefox/dd.default",
        ".var/app/org.mozilla.firefox/.mozilla/firefox/ee.default",
    ]
    for profile in profiles:
        (home.path / profile).mkdir(parents=True)
        (home.path / profile / "cert9.db").touch()
    (home.path / ".mozilla/firefox/never.started").mkdir()
    stores = home.firefox()
    assert home.places(stores) == profiles
    assert stores[2].title == "Firefox, profile work (~/.mozilla/firefox/cc.work)"
    assert {store.kind for store in stores} == {"firefox"}


def test_chromiums_are_of_another_kind_than_firefoxs(home: Home) -> None:
    for folder in (OLD, XDG, SNAP):
        (home.path / folder).mkdir(parents=True)
    assert [store.kind for store in home.chromium()] == ["nss"] * 3


def test_xdg_config_home_is_where_firefox_147_keeps_profiles(home: Home) -> None:
    home.env["XDG_CONFIG_HOME"] = str(home.path / "settings")
    (home.path / "settings/mozilla/firefox/aa.new").mkdir(parents=True)
    (home.path / "settings/mozilla/firefox/aa.new/cert9.db").touch()
    assert home.places(home.firefox()) == ["settings/mozilla/firefox/aa.new"]
