"""The ledger: what it remembers, through interruptions and of two processes."""

from __future__ import annotations

import json
import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from certs import ca_home, files
from tests.support import programs
from tests.support.certificates import assert_no_leftovers, environment
from tests.support.ledgers import OTHER, STORE, Named, new_root
from trust.root import Root
from trust.stores.ledger import Ledger


@pytest.fixture
def home(tmp_path: Path) -> Path:
    path = tmp_path / "a home"
    path.mkdir()
    return path


@pytest.fixture
def root(tmp_path: Path) -> Root:
    return new_root(tmp_path / "root.pem")


def written(home: Path) -> list[tuple[str, str]]:
    """The place and the root of each entry, as anybody reads them later."""
    return [(entry.place, entry.sha256) for entry in Ledger(home)]


def test_a_new_ledger_is_empty_and_writes_nothing(home: Path) -> None:
    assert (list(Ledger(home)), Ledger(home).roots(home)) == ([], [])
    assert list(home.iterdir()) == []


def test_an_entry_is_on_disk_at_once_and_survives(home: Path, root: Root) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    Ledger(home).add(STORE, root)
    (entry,) = Ledger(home)
    assert (entry.kind, entry.place, entry.title) == ("nss", "/a/store", "a store")
    assert entry.sha256 == root.sha256
    assert before <= datetime.fromisoformat(entry.when) <= datetime.now(UTC)
    assert Ledger(home).find(STORE, root) == entry


@pytest.mark.parametrize("store", [OTHER, Named(kind="java")], ids=["place", "kind"])
def test_kind_and_place_together_name_a_store(home: Path, root: Root, store: Named) -> None:
    Ledger(home).add(STORE, root)
    assert Ledger(home).find(store, root) is None
    assert Ledger(home).find(Named(title="called otherwise now"), root)


def test_the_same_again_writes_nothing(home: Path, root: Root) -> None:
    Ledger(home).add(STORE, root)
    before = (home / ca_home.LEDGER).stat()
    Ledger(home).add(STORE, root)
    Ledger(home).drop(OTHER, root)
    assert (home / ca_home.LEDGER).stat().st_ino == before.st_ino


def test_drop_takes_one_root_out_of_one_store(home: Path, root: Root) -> None:
    older = new_root(home / "older.pem")
    book = Ledger(home)
    for store, each in ((STORE, root), (STORE, older), (OTHER, root)):
        book.add(store, each)
    book.drop(STORE, root)
    assert written(home) == [(STORE.place, older.sha256), (OTHER.place, root.sha256)]
    book.forget(next(iter(book)))
    assert written(home) == [(OTHER.place, root.sha256)]


def test_a_ledger_can_be_changed_while_it_is_gone_through(home: Path, root: Root) -> None:
    book = Ledger(home)
    book.add(STORE, root)
    book.add(OTHER, root)
    for entry in book:
        book.forget(entry)
    assert written(home) == []


def test_older_roots_are_there_though_their_files_are_gone(
    home: Path, root: Root, tmp_path: Path
) -> None:
    older = new_root(home / "root.pem")
    for each in (older, root):
        for store in (STORE, OTHER):
            Ledger(home).add(store, each)
        each.path.unlink()
    found = Ledger(home).roots(tmp_path)
    assert [each.pem for each in found] == [older.pem, root.pem]
    assert [Root.read(each.path) for each in found] == found, "a file each, for programs"
    assert {each.path.parent for each in found} == {tmp_path}


def test_the_root_in_root_pem_needs_no_other_file(home: Path, tmp_path: Path) -> None:
    root = new_root(home / ca_home.ROOT)
    Ledger(home).add(STORE, root)
    assert Ledger(home).roots(tmp_path) == [root]
    assert list(tmp_path.iterdir()) == [home]


def test_ledger_is_readable_for_everybody_and_nothing_is_beside_it(home: Path, root: Root) -> None:
    Ledger(home).add(STORE, root)
    assert (home / ca_home.LEDGER).stat().st_mode & 0o777 == files.PUBLIC
    assert_no_leftovers(home)


def test_a_write_that_fails_leaves_the_old_one_whole(
    home: Path, root: Root, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = Ledger(home)
    book.add(STORE, root)

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", interrupt)
        with pytest.raises(KeyboardInterrupt):
            book.add(OTHER, root)
    assert written(home) == [(STORE.place, root.sha256)]
    assert [entry.place for entry in book] == [STORE.place], "what it says is what is on disk"
    assert_no_leftovers(home)


def test_a_place_that_is_not_utf_8_survives(home: Path, root: Root) -> None:
    store = Named(place=os.fsdecode(b"/a/st\xf6re"))
    Ledger(home).add(store, root)
    assert Ledger(home).find(store, root)


def test_time_of_the_last_change_of_trust_is_known(home: Path, root: Root) -> None:
    assert ca_home.changed(home) is None
    for change in (Ledger.add, Ledger.drop):
        before = datetime.now(UTC).replace(microsecond=0)
        change(Ledger(home), STORE, root)
        found = ca_home.changed(home)
        assert found is not None
        assert before <= found <= datetime.now(UTC)
        data = json.loads((home / ca_home.LEDGER).read_text())
        (home / ca_home.LEDGER).write_text(
            json.dumps({**data, "changed": "2001-01-01T00:00+00:00"})
        )
        assert ca_home.changed(home) == datetime(2001, 1, 1, tzinfo=UTC)


def test_entry_that_another_process_wrote_meanwhile_is_not_lost(home: Path, root: Root) -> None:
    ours, theirs = Ledger(home), Ledger(home)
    ours.add(STORE, root)
    theirs.add(OTHER, root)
    assert sorted(written(home)) == sorted([(s.place, root.sha256) for s in (STORE, OTHER)])
    ours.drop(STORE, root)
    assert written(home) == [(OTHER.place, root.sha256)]


def test_two_processes_at_once_lose_nothing(home: Path, root: Root, tmp_path: Path) -> None:
    started = [
        subprocess.Popen(
            programs.command("ledger_writer", home, root.path, name),
            env=environment(tmp_path),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in "ab"
    ]
    for process in started:
        assert process.stdout
        process.stdout.readline()  # it is ready
    for process in started:
        assert process.stdin
        print(file=process.stdin, flush=True)
    for process in started:
        process.communicate(timeout=60)
    assert [process.returncode for process in started] == [0, 0]
    assert {place for place, _ in written(home)} == {f"{n}{c}" for n in "ab" for c in range(20)}
