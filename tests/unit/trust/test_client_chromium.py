"""Chromium as it is on this machine, with an NSS database in a home of its own."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.clients import WRONG, Servers, assert_refused, runner, running, serving
from tests.support.waiting import until
from trust.clients import browsers, chromium, processes
from trust.clients.base import PROVEN_BY_ECHO, Cause, Client, Verdict, refused
from trust.clients.chromium import Chromium

pytestmark = pytest.mark.programs

CURRENT, OLD = ".local/share/pki/nssdb", ".pki/nssdb"


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    with serving(tmp_path_factory.mktemp("servers")) as running:
        yield running


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Client:
    plain = runner(tmp_path_factory.mktemp("home"))
    found = chromium.find(plain.env, plain, Path("/"))
    if not found:
        pytest.skip("no Chromium is installed")
    return found[0]


def certutil(database: Path, *arguments: str) -> None:
    if not shutil.which("certutil"):
        pytest.skip("certutil is not installed")
    argv = ["certutil", "-d", f"sql:{database}", *arguments]
    subprocess.run(argv, check=True, timeout=30, capture_output=True)


def database(home: Path, where: str, servers: Servers, *, trusting: bool) -> None:
    folder = home / where
    folder.mkdir(parents=True)
    certutil(folder, "-N", "--empty-password")
    if trusting:
        name = servers.root.name
        certutil(folder, "-A", "-n", name, "-t", "C,,", "-i", str(servers.root.path))


def contents(home: Path) -> dict[str, bytes]:
    return {str(p.relative_to(home)): p.read_bytes() for p in home.rglob("*") if p.is_file()}


def test_chromium_without_trust_refuses_and_leaves_nothing(
    client: Client, servers: Servers, tmp_path: Path
) -> None:
    """Not even the database that it makes where there is none."""
    proof = client.prove(servers.good.target, runner(tmp_path))
    assert proof == refused("ERR_CERT_AUTHORITY_INVALID", Cause.STORE)
    assert list(tmp_path.iterdir()) == []
    until(lambda: not running(tmp_path), "every process of it to be gone")


@pytest.mark.parametrize("where", [CURRENT, OLD])
def test_chromium_with_trust_passes_and_leaves_nothing(
    client: Client, servers: Servers, tmp_path: Path, where: str
) -> None:
    database(tmp_path, where, servers, trusting=True)
    before = contents(tmp_path)
    assert client.prove(servers.good.target, runner(tmp_path)) == PROVEN_BY_ECHO
    assert contents(tmp_path) == before
    until(lambda: not running(tmp_path), "every process of it to be gone")


def test_a_database_without_the_root_is_not_enough(
    client: Client, servers: Servers, tmp_path: Path
) -> None:
    """The old place hides the current one."""
    database(tmp_path, CURRENT, servers, trusting=True)
    database(tmp_path, OLD, servers, trusting=False)
    proof = client.prove(servers.good.target, runner(tmp_path))
    assert_refused(proof, "ERR_CERT_AUTHORITY_INVALID")


@pytest.fixture(scope="module")
def trusting_home(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("trusting")
    database(home, CURRENT, servers, trusting=True)
    return home


@pytest.mark.parametrize("leaf", WRONG)
def test_a_leaf_that_is_not_for_localhost_alone_is_refused(
    client: Client, leaf: str, servers: Servers, trusting_home: Path
) -> None:
    # A broken constraint is an invalid certificate to it; both come for some.
    proof = client.prove(servers.wrong[leaf].target, runner(trusting_home))
    assert_refused(proof, "ERR_CERT_COMMON_NAME_INVALID", "ERR_CERT_INVALID")


def test_browser_that_does_not_start_cannot_be_checked(servers: Servers, tmp_path: Path) -> None:
    path = tmp_path / "chromium"
    path.write_text("#!/bin/sh\necho '[1:FATAL:zygote.cc] no display' >&2; echo more >&2; exit 1\n")
    path.chmod(0o755)
    proof = Chromium(str(path), "Chromium", "").prove(servers.good.target, runner(tmp_path))
    assert proof.verdict is Verdict.UNKNOWN
    assert "FATAL" in proof.why


def test_browser_without_a_usable_sandbox_runs_without_one(
    servers: Servers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in containers, for those who are not root."""
    path = tmp_path / "chromium"
    path.write_text(
        f"#!/bin/sh\necho \"$*\" >>{tmp_path}/asked\necho '[1:FATAL:z.cc] No usable sandbox!' >&2\n"
    )
    path.chmod(0o755)
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    monkeypatch.setattr("os.getuid", lambda: 1000)
    Chromium(str(path), "Chromium", "").prove(servers.good.target, runner(tmp_path))
    asked = (tmp_path / "asked").read_text().splitlines()
    assert ["--no-sandbox" in line.split() for line in asked] == [False, True]


def test_no_flag_weakens_verification() -> None:
    for flag in chromium._FLAGS:
        assert not any(word in flag for word in ("cert", "insecure", "ssl", "tls", "security"))


def test_browser_is_found_once(tmp_path: Path) -> None:
    for name in ("google-chrome-stable", "brave-browser"):
        (tmp_path / name).write_text("#!/bin/sh\necho Some Browser 1.2.3.4\n")
        (tmp_path / name).chmod(0o755)
    (tmp_path / "google-chrome").symlink_to("google-chrome-stable")
    plain = runner(tmp_path / "home", PATH=f"{tmp_path}:/bin")
    found = [c for c in chromium.find({}, plain, Path("/")) if Path(c.path).parent == tmp_path]
    assert {(c.name, c.version) for c in found} == {("Chrome", "1.2.3.4"), ("Brave", "1.2.3.4")}
    assert len(found) == 2


def test_a_snap_gets_a_folder_that_it_can_see(tmp_path: Path) -> None:
    """Not tried with a real one."""
    script = tmp_path / "chromium-browser"
    script.write_text('#!/bin/sh\nexec /snap/bin/chromium "$@"\n')
    (tmp_path / "snap").touch()
    (tmp_path / "brave").symlink_to("snap")
    env = {"HOME": "/home/ada"}
    assert browsers.place(str(script), env) == Path("/home/ada/snap/chromium/common")
    assert browsers.place(str(tmp_path / "brave"), env) == Path("/home/ada/snap/brave/common")
    assert browsers.place("/usr/bin/env", env) is None
    with pytest.raises(FileNotFoundError), processes.scratch(Path("/nonexistent")):
        pass
