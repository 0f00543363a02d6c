"""What was written to which store: so that it can be taken back, all of it.

One JSON file in CA_HOME, beside a copy of every root that was ever trusted. An
entry is there before its store is touched: an interruption can leave an entry
too many, which taking back finds out, but never a store that nobody remembers.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from certs import files
from certs.stores.base import Root, Store

LEDGER = "ledger.json"
ROOTS = "roots"
_VERSION = 1


class LedgerError(Exception):
    """The ledger cannot be read. The text says why, and what to do."""


@dataclass(frozen=True)
class Entry:
    """One root in one store."""

    kind: str
    place: str
    title: str
    sha256: str
    when: str  # ISO 8601, UTC


class Ledger:
    """Read when made; every change is on disk before the method returns."""

    def __init__(self, home: Path) -> None:
        """Raises LedgerError, OSError."""
        self._home = home
        self._entries = _read(home / LEDGER)

    def __iter__(self) -> Iterator[Entry]:
        return iter(tuple(self._entries))

    def find(self, store: Store, root: Root) -> Entry | None:
        return next((entry for entry in self if _same(entry, store, root)), None)

    def roots(self) -> list[Root]:
        """Every root that has an entry, each once."""
        return [self.root(sha256) for sha256 in dict.fromkeys(e.sha256 for e in self)]

    def root(self, sha256: str) -> Root:
        """The kept copy of a root. Raises OSError."""
        return Root.read(self._home / ROOTS / f"{sha256}.pem")

    def keep(self, root: Root) -> Root:
        """Keeps a copy, and returns the root as that: the original may go."""
        path = self._home / ROOTS / f"{root.sha256}.pem"
        if not path.exists():
            files.make_folder(path.parent, 0o755)
            files.write(path, root.pem.encode(), files.PUBLIC)
        return Root.read(path)

    def add(self, store: Store, root: Root) -> None:
        now = datetime.now(UTC).isoformat(timespec="seconds")
        entry = Entry(store.kind, store.place, store.title, root.sha256, now)
        self._change(
            lambda entries: (
                entries
                if any(_same(other, store, root) for other in entries)
                else [*entries, entry]
            )
        )

    def drop(self, store: Store, root: Root) -> None:
        entry = self.find(store, root)
        if entry:
            self.forget(entry)

    def forget(self, entry: Entry) -> None:
        self._change(lambda entries: [other for other in entries if other != entry])

    def _change(self, change: Callable[[list[Entry]], list[Entry]]) -> None:
        # On what is there now: another run may have written since this one read.
        with files.locked(self._home):
            before = _read(self._home / LEDGER)
            after = change(before)
            if after != before:
                self._write(after)
            self._entries = after

    def _write(self, entries: list[Entry]) -> None:
        # When trust last changed: leaves from before it are issued anew, since
        # browsers remember for half an hour what they thought of a certificate.
        data = {
            "version": _VERSION,
            "changed": datetime.now(UTC).isoformat(timespec="seconds"),
            "entries": [asdict(entry) for entry in entries],
        }
        files.write(self._home / LEDGER, json.dumps(data, indent=2).encode(), files.PUBLIC)


def _read(path: Path) -> list[Entry]:
    """Raises LedgerError, OSError."""
    try:
        return [Entry(**entry) for entry in json.loads(path.read_text())["entries"]]
    except FileNotFoundError:
        return []
    except (ValueError, KeyError, TypeError) as error:
        aside = shlex.quote(f"{path}.damaged")
        raise LedgerError(
            f"{path} cannot be read ({error}). It says what was written to which store; "
            f"to go on without it: mv {shlex.quote(str(path))} {aside}"
        ) from None


def changed(home: Path) -> datetime | None:
    """When trust in a root of ours last changed on this machine; None: never."""
    try:
        return datetime.fromisoformat(json.loads((home / LEDGER).read_text())["changed"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _same(entry: Entry, store: Store, root: Root) -> bool:
    return (entry.kind, entry.place, entry.sha256) == (store.kind, store.place, root.sha256)
