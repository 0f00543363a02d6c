from __future__ import annotations

import signal
from pathlib import Path

import pytest

from certs import authority as authorities
from certs import ca_home, files, leaf_dir, mint
from certs.authority import Authority
from certs.permitted import Permitted
from tests.support import programs
from tests.support.certificates import assert_minted, settings
from tests.support.waiting import until
from tests.support.watching import watching


def minted(folder: Path) -> Authority | None:
    """Whether it is, by now."""
    try:
        return assert_minted(folder)
    except ValueError:
        return None


def test_healthy_means_that_all_is_minted(tmp_path: Path) -> None:
    with watching(tmp_path, HOSTS="a.test") as watch:
        watch.until(healthy=True)
        authority = assert_minted(tmp_path, "a.test")
    assert "certs: watching: localhost, a.test, 127.0.0.1, ::1\n" in watch.log
    assert "certs: addresses: https://localhost:8443/, wss://localhost:8443/ws (echo)" in watch.log
    assert f"certs: root: {authority.name}; a client trusts it after make certs" in watch.log


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_watch_ends_at_once_when_asked(number: signal.Signals, tmp_path: Path) -> None:
    with watching(tmp_path) as watch:
        watch.until(healthy=True)
        assert watch.end(number) == 0
    assert watch.log.endswith("certs: stopped\n")


def test_removed_files_come_back(tmp_path: Path) -> None:
    with watching(tmp_path) as watch:
        watch.until(healthy=True)
        for name in ("leaf/leaf.pem", "leaf/leaf-names.pem", "ca/root.pem"):
            (tmp_path / name).unlink()
        until(lambda: minted(tmp_path), "all of it to come back", seconds=5)
        watch.until(healthy=True)
    assert watch.log.count("issued leaf.pem for localhost, 127.0.0.1, ::1: it was missing") == 2


def test_a_new_authority_has_a_new_leaf(tmp_path: Path) -> None:
    other = authorities.mint(Permitted(), "eve@elsewhere")
    with watching(tmp_path) as watch:
        watch.until(healthy=True)
        files.write(tmp_path / "ca" / ca_home.AUTHORITY, other.dump(), files.SECRET)
        (tmp_path / "ca" / ca_home.ROOT).unlink()
        until(lambda: assert_minted(tmp_path).root == other.root, "its leaf", seconds=5)
    assert "it is not from this authority" in watch.log


# The same, looking more often, and telling when it does.
OFTEN = programs.command("looking_often")


def test_age_of_healthy_tells_that_the_watch_still_looks(tmp_path: Path) -> None:
    with watching(tmp_path, OFTEN) as watch:
        watch.until(healthy=True)
        first = watch.healthy.stat().st_mtime_ns
        until(lambda: watch.healthy.stat().st_mtime_ns > first, "another look", seconds=5)


def lead(path: Path, to: Path) -> None:
    """A link, there at once in the place of another."""
    path.with_suffix(".link").symlink_to(to)
    path.with_suffix(".link").replace(path)


def test_watch_is_not_healthy_while_the_leaf_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    lead(tmp_path / "leaf", tmp_path / "folder")
    with watching(tmp_path, OFTEN) as watch:
        watch.until(healthy=True)
        lead(tmp_path / "leaf", tmp_path / "file")
        watch.until(healthy=False)
        watch.assert_not_said_again(f"the leaf cannot be written to {tmp_path / 'leaf'}")
        assert not watch.healthy.exists()
        lead(tmp_path / "leaf", tmp_path / "folder")
        watch.until(healthy=True)
        assert_minted(tmp_path)
        watch.look_on(2)
        assert watch.log.count("fixed: the leaf is current again") == 1
        assert watch.end() == 0


def test_watch_is_not_healthy_with_an_authority_for_other_hosts(tmp_path: Path) -> None:
    with watching(tmp_path, OFTEN, HOSTS="a.corp", PERMIT="corp") as watch:
        watch.until(healthy=True)
        narrow = authorities.mint(Permitted(), "ada@engine")
        files.write(tmp_path / "ca" / ca_home.AUTHORITY, narrow.dump(), files.SECRET)
        watch.until(healthy=False)
        watch.assert_not_said_again("'a.corp' is a name that the authority may not sign")


def test_a_permit_that_the_authority_lacks_is_said_once(tmp_path: Path) -> None:
    mint.ensure(settings(tmp_path))
    with watching(tmp_path, OFTEN, PERMIT="corp") as watch:
        watch.until(healthy=True)
        watch.assert_not_said_again("PERMIT corp: the authority may not sign it")


def test_the_same_failure_is_said_once(tmp_path: Path) -> None:
    with watching(tmp_path, OFTEN) as watch:
        watch.until(healthy=True)
        (tmp_path / "leaf" / "frozen").touch()
        (tmp_path / "leaf" / leaf_dir.LEAF).unlink()
        watch.until(healthy=False)
        watch.assert_not_said_again("Read-only file system")


def test_damaged_file_does_not_end_the_watch(tmp_path: Path) -> None:
    with watching(tmp_path, OFTEN) as watch:
        watch.until(healthy=True)
        for name in ("leaf/leaf.pem", "leaf/leaf-names.pem", "ca/authority.pem"):
            (tmp_path / name).write_bytes(b"garbage")
        until(lambda: minted(tmp_path), "all of it to be fixed", seconds=5)
        watch.until(healthy=True)


def test_failure_at_the_start_ends_the_watch(tmp_path: Path) -> None:
    (tmp_path / "leaf").touch()
    with watching(tmp_path) as watch:
        assert watch.process.wait(10) == 1
    assert "certs: the leaf cannot be written to" in watch.log
    assert not watch.healthy.exists()


LEDGERS = {
    "naive": '{"changed": "2026-11-25T23:00:00"}',
    "the future": '{"changed": "2999-11-25T23:00:00+00:00"}',
    "nested deeply": "[" * 100_000,
}


@pytest.mark.parametrize("content", LEDGERS.values(), ids=LEDGERS)
def test_a_wrong_ledger_is_said_once_and_the_leaf_stays(tmp_path: Path, content: str) -> None:
    with watching(tmp_path, OFTEN) as watch:
        watch.until(healthy=True)
        before = (tmp_path / "leaf" / leaf_dir.LEAF).read_bytes()
        (tmp_path / "ca" / ca_home.LEDGER).write_text(content)
        watch.assert_not_said_again(str(tmp_path / "ca" / ca_home.LEDGER))
        watch.until(healthy=True)
        assert (tmp_path / "leaf" / leaf_dir.LEAF).read_bytes() == before
