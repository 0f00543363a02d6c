"""The ledger: what is lost beside it, what older versions wrote, and its end."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from certs import ca_home
from tests.support.ledgers import OTHER, STORE, new_root
from trust.root import Root
from trust.stores import ledger
from trust.stores.ledger import Ledger


@pytest.fixture
def home(tmp_path: Path) -> Path:
    path = tmp_path / "ca"
    path.mkdir()
    return path


@pytest.fixture
def root(home: Path) -> Root:
    """That of an authority which is no longer there."""
    kept = Ledger(home).keep(new_root(home.parent / "old.pem"))
    Ledger(home).add(STORE, kept)
    return kept


def put_a_folder_there(path: Path) -> None:
    path.unlink()
    path.mkdir()


DAMAGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "missing": (Path.unlink, "is missing"),
    "no certificate": (lambda path: path.write_text("garbage"), "is damaged"),
    "no text": (lambda path: path.write_bytes(b"\xff\xfe"), "is damaged"),
    "cut off": (lambda path: path.write_text(path.read_text()[:300]), "is damaged"),
    "another root": (new_root, "is damaged"),
    "a folder": (put_a_folder_there, "cannot be read (Is a directory)"),
}


@pytest.mark.parametrize(("damage", "words"), DAMAGES.values(), ids=DAMAGES)
def test_a_copy_that_is_not_whole_is_lost_and_the_others_are_not(
    home: Path, root: Root, damage: Callable[[Path], object], words: str
) -> None:
    other = Ledger(home).keep(new_root(home.parent / "other.pem"))
    Ledger(home).add(OTHER, other)
    damage(root.path)
    book = Ledger(home)
    assert [each.sha256 for each in book.roots()] == [other.sha256]
    assert book.lost() == {root.sha256: f"{root.path} {words}"}
    assert book.root(root.sha256) is None


@pytest.mark.parametrize("damage", ["missing", "cut off", "another root"])
def test_root_pem_stands_for_the_copy_where_it_is_the_same(
    home: Path, root: Root, damage: str
) -> None:
    current = home / ca_home.ROOT
    current.write_text(root.pem)
    DAMAGES[damage][0](root.path)
    (found,) = Ledger(home).roots()
    assert (found.path, found.sha256, Ledger(home).lost()) == (current, root.sha256, {})
    kept = Ledger(home).keep(found)
    assert (kept.path, kept.pem) == (root.path, root.pem)
    current.unlink()
    assert [each.path for each in Ledger(home).roots()] == [root.path], "the copy is restored"


def test_root_pem_of_another_authority_stands_for_nothing(home: Path, root: Root) -> None:
    new_root(home / ca_home.ROOT)
    root.path.unlink()
    assert (Ledger(home).roots(), list(Ledger(home).lost())) == ([], [root.sha256])


def test_it_is_deleted_with_its_copies_once_it_is_empty(home: Path, root: Root) -> None:
    book = Ledger(home)
    assert not book.delete()
    assert Ledger(home).find(STORE, root)
    assert root.path.exists()
    book.drop(STORE, root)
    assert book.delete()
    assert list(home.iterdir()) == []


def test_what_is_not_ours_among_the_copies_stays(home: Path, root: Root) -> None:
    theirs = home / ledger.ROOTS / "corporate.pem"
    theirs.write_text("theirs")
    book = Ledger(home)
    book.drop(STORE, root)
    assert book.delete()
    assert [path for path in home.rglob("*") if path.is_file()] == [theirs]


def test_it_stays_where_another_run_has_written_meanwhile(home: Path, root: Root) -> None:
    book = Ledger(home)
    book.drop(STORE, root)
    Ledger(home).add(OTHER, root)
    assert not book.delete()
    assert Ledger(home).find(OTHER, root)
    assert root.path.exists()
