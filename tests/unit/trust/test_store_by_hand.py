"""What shows a person the certificates of a store, where no copy of the root is left."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support import keystores, nss
from tests.support.nss import Home, trust
from trust.proof import store_of_client
from trust.root import Root
from trust.stores import by_hand

home, real, root = nss.home, nss.real, nss.root
SHA256 = "0123456789abcdef" * 4

SHOWN = {
    ("system", "/usr/local/share/ca-certificates"): (
        "ls -l /usr/local/share/ca-certificates/wss-stack-01234567.crt"
    ),
    ("nss", "/home/a b/.pki/nssdb"): "certutil -L -d 'sql:/home/a b/.pki/nssdb'",
    ("firefox", "/home/ada/x.default"): "certutil -L -d sql:/home/ada/x.default",
    ("java", "/a/cacerts"): "keytool -list -storepass changeit -keystore /a/cacerts",
    ("macos", "/a/keychain"): "security find-certificate -a -Z -c 'wss-stack root' /a/keychain",
    ("windows", "CurrentUser\\Root"): "certutil.exe -store -user Root",
    ("of tomorrow", "/a"): "look into /a by hand",
}


@pytest.mark.parametrize(("store", "command"), SHOWN.items(), ids=[kind for kind, _ in SHOWN])
def test_kind_of_store_has_a_command_by_hand(store: tuple[str, str], command: str) -> None:
    assert by_hand.command(*store, SHA256) == command


def test_every_kind_of_store_is_in_the_table() -> None:
    kinds = {kind for table in store_of_client.PLATFORMS.values() for kind in table.values()}
    # Windows, from WSL, whose clients are Linux's.
    assert kinds | {"windows"} == {kind for kind, _ in SHOWN} - {"of tomorrow"}


def test_a_fingerprint_is_as_programs_show_it() -> None:
    assert by_hand.fingerprint(SHA256) == ":".join(["01:23:45:67:89:AB:CD:EF"] * 4)


def typed(command: str) -> str:
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True)
    return done.stdout


def test_profile_shows_the_root_under_the_command_by_hand(real: Home, root: Root) -> None:
    store = real.database()
    trust(store, root)
    assert root.name in typed(by_hand.command("firefox", store.place, root.sha256))


@pytest.mark.skipif(not shutil.which("keytool"), reason="keytool is not installed")
def test_a_keystore_shows_its_fingerprint(tmp_path: Path, root: Root) -> None:
    path = tmp_path / "cacerts"
    keystores.keytool(path, "-importcert", "-noprompt", "-alias", "a", "-file", str(root.path))
    shown = typed(by_hand.command("java", str(path), root.sha256))
    assert by_hand.fingerprint(root.sha256) in shown
