"""Stores that find() has no way to any more: by what the ledger says of them."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest

from certs.permitted import Permitted
from tests.support import certificates, keystores, nss
from tests.support.nss import PROFILE, XDG, Home
from tests.support.ports import free_port
from trust import cli, distro
from trust.clients import find as clients_find
from trust.commands import Runner
from trust.root import Root
from trust.stores import by_hand, chromium, find, firefox, java, system
from trust.stores.base import Store
from trust.stores.change import Outcome, Row, install, remove
from trust.stores.ledger import Ledger
from trust.stores.macos import Keychain
from trust.stores.nss import NssStore
from trust.stores.system import SystemStore
from trust.stores.windows import WindowsStore

pytestmark = pytest.mark.programs

real, home, root = nss.real, nss.home, nss.root
NOTHING = Runner({"PATH": ""}, interactive=False)


@pytest.mark.parametrize("layout", system.LAYOUTS, ids=lambda layout: layout.title)
def test_store_of_the_system_is_found_again_by_its_layout(
    tmp_path: Path, layout: system.Layout
) -> None:
    store = find.at("system", str(tmp_path / layout.anchors), "system", NOTHING, tmp_path)
    assert isinstance(store, SystemStore)
    assert store.layout == layout
    assert find.at("system", "/another/folder", "system", NOTHING, tmp_path) is None


@pytest.mark.parametrize("admin", [True, False])
def test_keychain_is_found_again_as_it_was(tmp_path: Path, admin: bool) -> None:
    place = tmp_path / "Library/Keychains/System.keychain"
    place = place if admin else tmp_path / "ada/Library/Keychains/login.keychain-db"
    assert find.at("macos", str(place), "a keychain", NOTHING, tmp_path) is None, "no Mac"
    (tmp_path / "Library/Keychains").mkdir(parents=True)
    (tmp_path / "Library/Keychains/System.keychain").touch()
    store = find.at("macos", str(place), "a keychain", NOTHING, tmp_path)
    assert isinstance(store, Keychain)
    assert (store.place, store._admin) == (str(place), admin)


def test_windows_store_is_found_again_where_it_can_be_reached(tmp_path: Path) -> None:
    assert find.at("windows", "CurrentUser", "Windows", NOTHING, tmp_path) is None
    kernel = tmp_path / "proc/sys/kernel/osrelease"
    certutil = tmp_path / "mnt/c/Windows/System32/certutil.exe"
    for path, text in ((kernel, "5.15.167.4-microsoft-standard-WSL2\n"), (certutil, "")):
        path.parent.mkdir(parents=True)
        path.write_text(text)
    assert isinstance(find.at("windows", "CurrentUser", "W", NOTHING, tmp_path), WindowsStore)


def test_every_kind_that_can_be_found_can_be_found_again() -> None:
    kinds = {f.__module__.rpartition(".")[2] for f in find.FINDERS}
    again = {f.__module__.rpartition(".")[2] for f in find._REBUILDERS.values()}
    assert {*kinds, "hosts_file"} == again  # which is found for names
    assert find.at("of tomorrow", "/a", "a store", NOTHING) is None


def written(folder: Path, store: Store, root: Root, runner: Runner) -> Ledger:
    """The ledger, once the root is in the store."""
    (folder / "ca").mkdir()
    book = Ledger(folder / "ca")
    (row,) = install([store], root, runner, book, dry_run=False)
    assert row.outcome is Outcome.TRUSTED
    return book


def taken_back(book: Ledger, runner: Runner, *, dry_run: bool = False) -> list[Row]:
    """Where no store is found."""
    with tempfile.TemporaryDirectory() as folder:
        roots = book.roots(Path(folder))
        return list(remove([], roots, runner, book, dry_run=dry_run))


@pytest.mark.parametrize("kind", ["nss", "firefox"])
def test_a_database_is_taken_back_from(real: Home, root: Root, tmp_path: Path, kind: str) -> None:
    place = str(real.path / (PROFILE if kind == "firefox" else XDG))
    at = firefox.at if kind == "firefox" else chromium.at
    book = written(tmp_path, at(place, "a store", real.runner, real.fs), root, real.runner)
    planned = taken_back(book, real.runner, dry_run=True)
    assert [row.outcome for row in planned] == [Outcome.PLANNED]
    assert "certutil -D" in planned[0].commands[0]
    (row,) = taken_back(book, real.runner)
    assert (row.kind, row.place, row.title) == (kind, place, "a store")
    assert (row.outcome, list(book)) == (Outcome.REMOVED, [])
    assert real.content(NssStore(place, "", real.fs, real.runner)) == []


@pytest.mark.skipif(not keystores.KEYTOOL, reason="there is no keytool")
def test_a_keystore_is_taken_back_from(tmp_path: Path, root: Root) -> None:
    home = tmp_path / "jdk"
    for folder in ("bin", "lib/security"):
        (home / folder).mkdir(parents=True)
    (home / "bin/keytool").symlink_to(keystores.KEYTOOL or "")
    cacerts = home / "lib/security/cacerts"
    file = ("-file", str(root.path))
    keystores.keytool(cacerts, "-importcert", "-noprompt", "-alias", "a", *file)
    keystores.keytool(cacerts, "-delete", "-alias", "a")
    for tool in ("cp", "mv"):
        (tmp_path / tool).symlink_to(shutil.which(tool) or "")
    env = {**keystores.ENV, "PATH": str(tmp_path), "JAVA_HOME": str(home)}
    with_home = Runner(env, interactive=False)
    (store,) = java.find(env, with_home, tmp_path)
    book = written(tmp_path, store, root, with_home)
    (row,) = taken_back(book, Runner({**env, "JAVA_HOME": ""}, interactive=False))
    assert (row.outcome, row.title) == (Outcome.REMOVED, f"Java ({home})")
    assert keystores.entries(cacerts) == {}


def test_row_of_a_store_without_its_tool_says_what_to_type(
    real: Home, root: Root, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = str(real.path / PROFILE)
    store = firefox.at(place, "a store", real.runner, real.fs)
    book = written(tmp_path, store, root, real.runner)
    (row,) = taken_back(book, NOTHING)
    assert row.outcome is Outcome.NOT_DONE
    assert row.fix == distro.install_command("certutil", Path("/"))
    monkeypatch.setattr(find, "at", lambda *_: None)
    (row,) = taken_back(book, NOTHING)
    assert row.outcome is Outcome.NOT_DONE
    assert by_hand.fingerprint(root.sha256) in row.why
    assert row.fix == f"certutil -L -d sql:{place}"


class Moved:
    """Chromium's database in a folder that XDG_DATA_HOME named once."""

    def __init__(self, home: Home, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.home, self.patch = home, patch
        (folder / "data/pki/nssdb").mkdir(parents=True)
        self.store = NssStore(str(folder / "data/pki/nssdb"), "", home.fs, home.runner)
        patch.setattr(find, "FINDERS", (chromium.find,))
        patch.setattr(clients_find, "find_all", lambda *_: [])
        env = certificates.environment(folder, HTTPS_PORT=str(free_port()), HOME=str(home.path))
        for name, value in {**env, "XDG_DATA_HOME": str(folder / "data")}.items():
            patch.setenv(name, value)
        assert cli.main(["install"]) == 0
        assert len(home.content(self.store)) == 1
        patch.delenv("XDG_DATA_HOME")


@pytest.fixture
def moved(real: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Moved:
    return Moved(real, tmp_path, monkeypatch)


@pytest.mark.parametrize("words", [("untrust",), ("remove", "--yes")], ids=" ".join)
def test_store_where_a_variable_led_keeps_nothing(moved: Moved, words: tuple[str, ...]) -> None:
    assert cli.main([*words]) == 0
    assert moved.home.content(moved.store) == []


def test_old_root_leaves_such_a_store_when_a_wider_one_is_made(
    moved: Moved, tmp_path: Path
) -> None:
    moved.patch.setenv("PERMIT", "corp.example")
    assert cli.main(["install", "--yes"]) == 0
    assert moved.home.content(moved.store) == []
    assert str(moved.store.place) not in [entry.place for entry in Ledger(tmp_path / "ca")]
    assert certificates.read_authority(tmp_path).permitted.minus(Permitted()) == ["corp.example"]
