"""The certs process with CERT: what it puts beside the leaf, and what it says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from certs import leaf_dir, mint, nginx_values, own_leaf, status
from certs.names import HostError
from certs.settings import Settings, read
from tests.support import programs
from tests.support.certificates import environment
from tests.support.own_certificates import Company, Lineage
from tests.support.waiting import until
from tests.support.watching import Watch, watching

COMPANY = Company()
OFTEN = programs.command("looking_often")


@pytest.fixture
def lineage(tmp_path: Path) -> Lineage:
    made = Lineage(tmp_path / "letsencrypt", "ws.example.com")
    made.renew(COMPANY.issue("ws.example.com", "*.example.com"))
    return made


@pytest.fixture
def watch(tmp_path: Path, lineage: Lineage) -> Iterator[Watch]:
    env = {"CERT": str(lineage.cert), "KEY": str(lineage.key), "HOSTS": "a.test"}
    with watching(tmp_path, OFTEN, **env) as running:
        yield running


def settings(folder: Path, lineage: Lineage, **more: str) -> Settings:
    own = {"CERT": str(lineage.cert), "KEY": str(lineage.key), "HOME": str(folder)}
    return read({**own, "CA_HOME": str(folder / "ca"), "LEAF_DIR": str(folder / "leaf"), **more})


def minted(found: Settings) -> Settings:
    own, wrong = own_leaf.look(found)
    assert wrong is None
    mint.ensure(found, own=own)
    own_leaf.ensure(found, own)
    return found


def serial(folder: Path) -> int | None:
    own = own_leaf.kept(read(environment(folder)))
    return own.leaf.serial_number if own else None


def test_it_is_one_secret_file_beside_the_leaf(watch: Watch) -> None:
    watch.until(healthy=True)
    file = watch.folder / "leaf" / own_leaf.OWN
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.stat().st_uid == (watch.folder / "leaf" / leaf_dir.LEAF).stat().st_uid
    assert file.read_bytes().count(b"PRIVATE KEY-----") == 2
    assert file.read_bytes().count(b"BEGIN CERTIFICATE") == 2
    assert "for ws.example.com, *.example.com; 59 days left" in watch.log


def test_its_names_are_known_hosts(watch: Watch) -> None:
    watch.until(healthy=True)
    leaf = watch.folder / "leaf"
    assert leaf_dir.listed(leaf / "own-hosts") == {"ws.example.com", "*.example.com"}
    hosts = {"localhost", "a.test", "127.0.0.1", "[::1]", "ws.example.com", "*.example.com"}
    assert leaf_dir.listed(leaf / "hosts") == hosts


def test_a_new_file_counts_while_it_runs(watch: Watch, lineage: Lineage) -> None:
    watch.until(healthy=True)
    new = COMPANY.issue("other.example.org")
    lineage.renew(new)
    until(lambda: serial(watch.folder) == new.serial, "the new certificate", seconds=5)
    until(lambda: not (watch.folder / "leaf/hosts/ws.example.com").exists(), "hosts", seconds=5)
    assert (watch.folder / "leaf/hosts/other.example.org").exists()


def test_a_bad_file_is_said_once_and_the_old_one_stays(watch: Watch, lineage: Lineage) -> None:
    watch.until(healthy=True)
    before = serial(watch.folder)
    good = lineage.cert.read_bytes()
    lineage.cert.unlink()
    watch.until(healthy=False)
    watch.assert_not_said_again("does not exist")
    assert serial(watch.folder) == before
    assert (watch.folder / "leaf/hosts/ws.example.com").exists()
    lineage.cert.write_bytes(good)
    watch.until(healthy=True)
    assert "fixed: " in watch.log


def test_a_file_that_is_not_there_yet_is_taken_when_it_comes(tmp_path: Path) -> None:
    lineage = Lineage(tmp_path / "letsencrypt", "ws.example.com")
    with watching(tmp_path, OFTEN, CERT=str(lineage.cert), KEY=str(lineage.key)) as watch:
        until(lambda: "does not exist" in watch.log, "the error", seconds=10)
        leaf = watch.folder / "leaf"
        # nginx opens this file for public names, and must not fail there.
        until((leaf / own_leaf.OWN).exists, "a stand-in", seconds=5)
        assert (leaf / own_leaf.OWN).read_bytes() == (leaf / leaf_dir.LEAF_NAMES).read_bytes()
        assert not watch.healthy.exists()
        new = COMPANY.issue("ws.example.com")
        lineage.renew(new)
        watch.until(healthy=True)
        assert serial(tmp_path) == new.serial


def test_its_key_goes_when_cert_is_unset(tmp_path: Path, lineage: Lineage) -> None:
    minted(settings(tmp_path, lineage))
    assert (tmp_path / "leaf" / own_leaf.OWN).exists()
    with watching(tmp_path) as watch:
        watch.until(healthy=True)
    assert not (tmp_path / "leaf" / own_leaf.OWN).exists()
    assert not (tmp_path / "leaf/hosts/ws.example.com").exists()


def test_local_names_that_change_need_a_restart_of_nginx(watch: Watch, lineage: Lineage) -> None:
    watch.until(healthy=True)
    lineage.renew(COMPANY.issue("ws.example.com", "in.house.test"))
    until(lambda: "for other names of a local domain now: in.house.test" in watch.log, "it", 5)
    assert re.search(r"nginx picks .* after: make up\n", watch.log)


def test_sites_may_have_its_names(tmp_path: Path, lineage: Lineage) -> None:
    found = minted(settings(tmp_path, lineage, SITES="api.example.com=web:8000", HOSTS="a.test"))
    assert status.look(found).hosts == ["127.0.0.1", "::1", "a.test", "localhost"]
    assert status.look(found).problems == []


def test_a_name_that_nobody_signs_is_refused(tmp_path: Path, lineage: Lineage) -> None:
    with pytest.raises(HostError, match=r"'no\.example\.org' is neither .*PERMIT=no\.example\.org"):
        minted(settings(tmp_path, lineage, HOSTS="no.example.org"))


def test_status_has_names_and_days(tmp_path: Path, lineage: Lineage) -> None:
    found = status.look(minted(settings(tmp_path, lineage)))
    assert found.own is not None
    assert (found.own.names, found.own.days_left) == (["ws.example.com", "*.example.com"], 59)
    assert f"CERT       {lineage.cert}\ndays left  59\n" in status.as_text(found)
    lineage.cert.unlink()
    found = status.look(settings(tmp_path, lineage))
    assert "until then the old one stays" in found.problems[0]
    assert found.own
    assert found.own.days_left == 59


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("localhost", "leaf-names.pem"),
        ("a.test", "leaf-names.pem"),
        ("in.house.test", "own.pem"),
        ("IN.house.TEST", "own.pem"),
        ("x.wild.internal", "own.pem"),
        ("x.y.wild.internal", "leaf-names.pem"),
        ("wild.internal", "leaf-names.pem"),
        ("ws.example.com", "own.pem"),
        ("any.example.com", "own.pem"),
        ("mytest", "own.pem"),
    ],
)
def test_nginx_picks_by_the_name_that_a_client_sends(
    name: str, file: str, tmp_path: Path, lineage: Lineage
) -> None:
    lineage.renew(COMPANY.issue("ws.example.com", "in.house.test", "*.wild.internal"))
    values = nginx_values.in_docker(minted(settings(tmp_path, lineage)))
    assert picked(values["LEAF_MAP"], name) == file


def test_without_cert_every_name_gets_the_leaf(tmp_path: Path) -> None:
    values = nginx_values.in_docker(read(environment(tmp_path)))
    assert values["LEAF_MAP"] == "default leaf-names.pem;"


def picked(lines: str, name: str) -> str:
    """As nginx's map does: names without regard to case, then the first pattern that fits."""
    rows = [line.rsplit(" ", 1) for line in lines.removesuffix(";").split("; ")]
    pairs = [(key.strip('"'), file) for key, file in rows]
    for key, file in pairs:
        if key == name.lower():
            return file
    for key, file in pairs:
        if key.startswith("~*") and re.search(key[2:], name, re.IGNORECASE):
            return file
    return dict(pairs)["default"]
