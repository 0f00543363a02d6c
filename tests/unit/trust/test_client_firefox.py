"""Firefox as it is on this machine, with profiles in a home of its own."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.clients import WRONG, Servers, assert_refused, runner, running, serving
from tests.support.waiting import until
from trust.clients import firefox
from trust.clients.base import PROVEN_BY_ECHO, Cause, Verdict, refused
from trust.clients.firefox import Firefox

pytestmark = pytest.mark.programs


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    with serving(tmp_path_factory.mktemp("servers")) as running:
        yield running


def certutil(profile: Path, *arguments: str) -> None:
    if not shutil.which("certutil"):
        pytest.skip("certutil is not installed")
    argv = ["certutil", "-d", f"sql:{profile}", *arguments]
    subprocess.run(argv, check=True, timeout=30, capture_output=True)


def make_profile(path: Path, servers: Servers, *, trusting: bool) -> Path:
    path.mkdir(parents=True)
    certutil(path, "-N", "--empty-password")
    if trusting:
        name = servers.root.name
        certutil(path, "-A", "-n", name, "-t", "C,,", "-i", str(servers.root.path))
    return path


def only(home: Path) -> Firefox:
    plain = runner(home)
    found = firefox.find(plain.env, plain, Path("/"))
    if not found or not found[0].path:
        pytest.skip("no Firefox is installed")
    (client,) = found
    return client


def contents(home: Path) -> dict[str, bytes]:
    return {str(p.relative_to(home)): p.read_bytes() for p in home.rglob("*") if p.is_file()}


def test_firefox_without_a_profile_refuses_and_leaves_nothing(
    servers: Servers, tmp_path: Path
) -> None:
    client = only(tmp_path)
    proof = client.prove(servers.good.target, runner(tmp_path))
    assert_refused(proof, "SEC_ERROR_UNKNOWN_ISSUER")
    assert list(tmp_path.iterdir()) == []
    until(lambda: not running(tmp_path), "every process of it to be gone")
    # What it then says to type makes a profile.
    command = proof.fix.split(";")[0].split()
    subprocess.run(command, env=runner(tmp_path).env, check=True, timeout=60, capture_output=True)
    assert only(tmp_path).profile


def test_profile_is_proven_by_itself_and_left_as_it_was(servers: Servers, tmp_path: Path) -> None:
    root = tmp_path / ".mozilla" / "firefox"
    make_profile(root / "a.trusting", servers, trusting=True)
    make_profile(root / "b.default", servers, trusting=False)
    # As a profile that was moved: NSS wrote its old place, which is b's, into it.
    options = (root / "a.trusting" / "pkcs11.txt").read_text()
    (root / "a.trusting" / "pkcs11.txt").write_text(options.replace("a.trusting", "b.default"))
    before = contents(tmp_path)
    plain = runner(tmp_path)
    found = firefox.find(plain.env, plain, Path("/"))
    if not found[0].path:
        pytest.skip("no Firefox is installed")
    assert [client.profile for client in found] == [root / "a.trusting", root / "b.default"]
    assert [client.prove(servers.good.target, plain) for client in found] == [
        PROVEN_BY_ECHO,
        refused("SEC_ERROR_UNKNOWN_ISSUER", Cause.STORE),
    ]
    assert contents(tmp_path) == before
    until(lambda: not running(tmp_path), "every process of it to be gone")


@pytest.fixture(scope="module")
def trusting_home(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("trusting")
    make_profile(home / ".config" / "mozilla" / "firefox" / "x.default", servers, trusting=True)
    return home


@pytest.mark.parametrize("leaf", WRONG)
def test_a_leaf_that_is_not_for_localhost_alone_is_refused(
    leaf: str, servers: Servers, trusting_home: Path
) -> None:
    proof = only(trusting_home).prove(servers.wrong[leaf].target, runner(trusting_home))
    assert_refused(proof, "SSL_ERROR_BAD_CERT_DOMAIN", "SEC_ERROR_CERT_NOT_IN_NAME_SPACE")


def test_a_profile_without_a_program_cannot_be_checked(servers: Servers, tmp_path: Path) -> None:
    for root in (
        ".mozilla/firefox",
        ".config/mozilla/firefox",
        "snap/firefox/common/.mozilla/firefox",
        ".var/app/org.mozilla.firefox/.mozilla/firefox",
    ):
        (tmp_path / root / "x.default").mkdir(parents=True)
        (tmp_path / root / "x.default" / "cert9.db").touch()
    plain = runner(tmp_path, PATH="/nonexistent")
    found = firefox.find(plain.env, plain, Path("/"))
    assert len(found) == 4
    assert {client.prove(servers.good.target, plain).verdict for client in found} == {
        Verdict.UNKNOWN
    }


def test_a_profile_that_cannot_be_read_cannot_be_checked(servers: Servers, tmp_path: Path) -> None:
    (tmp_path / "cert9.db").mkdir()
    proof = Firefox("/bin/true", "", tmp_path).prove(servers.good.target, runner(tmp_path))
    assert proof.verdict is Verdict.UNKNOWN
    assert "cannot be copied" in proof.why


def test_no_preference_weakens_verification() -> None:
    for name in firefox._PREFERENCES:
        assert not name.startswith(("security.", "network.websocket", "network.stricttransport"))
