"""The ledger's end: it goes with its last entry, and not before."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.ledgers import OTHER, STORE, new_root
from trust.root import Root
from trust.stores.ledger import Ledger


@pytest.fixture
def home(tmp_path: Path) -> Path:
    path = tmp_path / "ca"
    path.mkdir()
    return path


@pytest.fixture
def root(home: Path) -> Root:
    """That of an authority which is no longer there."""
    root = new_root(home.parent / "old.pem")
    Ledger(home).add(STORE, root)
    return root


def test_ledger_is_deleted_once_it_is_empty(home: Path, root: Root) -> None:
    book = Ledger(home)
    assert not book.delete()
    assert Ledger(home).find(STORE, root)
    book.drop(STORE, root)
    assert book.delete()
    assert list(home.iterdir()) == []


def test_ledger_stays_where_another_run_has_written_meanwhile(home: Path, root: Root) -> None:
    book = Ledger(home)
    book.drop(STORE, root)
    Ledger(home).add(OTHER, root)
    assert not book.delete()
    assert Ledger(home).find(OTHER, root)
