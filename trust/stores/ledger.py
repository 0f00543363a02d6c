"""What was written to which store: so that it can be taken back, all of it.

One JSON file in CA_HOME, beside a copy of every root that was ever trusted. An
entry is there before its store is touched: an interruption can leave an entry
too many, which taking back finds out, but never a store that nobody remembers.
"""

from __future__ import annotations

import contextlib
import json
import re
import shlex
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from certs import files
from certs.ca_home import LEDGER
from certs.errors import RefusalError
from trust.root import Root
from trust.stores.base import Store

ROOTS = "roots"
_VERSION = 1
_COPY = re.compile(r"[0-9a-f]{64}\.pem")
_CURRENT = "root.pem"  # of the authority that is there now, by certs.mint


class LedgerError(RefusalError):
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
        """Every root that has an entry, each once, but for those that are lost."""
        return [root for sha256 in self._hashes() if (root := self.root(sha256))]

    def lost(self) -> dict[str, str]:
        """Each root that has an entry and no whole copy: its SHA-256, and why, with the file."""
        hashes = [sha256 for sha256 in self._hashes() if not self.root(sha256)]
        return {sha256: _why_lost(self.copy(sha256)) for sha256 in hashes}

    def root(self, sha256: str) -> Root | None:
        """The kept copy, or root.pem where that is the same; None: the root is lost."""
        return _whole(self.copy(sha256), sha256) or _whole(self._home / _CURRENT, sha256)

    def copy(self, sha256: str) -> Path:
        """Where the copy of a root is kept."""
        return self._home / ROOTS / f"{sha256}.pem"

    def keep(self, root: Root) -> Root:
        """Keeps a copy, and returns the root as that: the original may go.

        A copy that is damaged is replaced. Raises OSError.
        """
        path = self.copy(root.sha256)
        if not _whole(path, root.sha256):
            files.make_folder(path.parent, 0o755)
            files.write(path, root.pem.encode(), files.PUBLIC)
        return Root.read(path)

    def read_again(self) -> None:
        """Another run may have written since this was made. Raises LedgerError, OSError."""
        self._entries = _read(self._home / LEDGER)

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
        self._change(lambda entries: [e for e in entries if not _same(e, store, root)])

    def forget(self, entry: Entry) -> None:
        self._change(lambda entries: [other for other in entries if other != entry])

    def delete(self) -> bool:
        """Deletes the file and the copies; False, and nothing, where an entry is left.

        Raises LedgerError, OSError.
        """
        with files.locked_writes(self._home):
            self._entries = _read(self._home / LEDGER)
            if self._entries:
                return False
            folder = self._home / ROOTS
            for path in folder.glob("*.pem"):
                if _COPY.fullmatch(path.name):
                    files.delete(path)
            with contextlib.suppress(OSError):  # there is none, or somebody's file in it
                folder.rmdir()
            files.delete(self._home / LEDGER)
            return True

    def _hashes(self) -> list[str]:
        return list(dict.fromkeys(entry.sha256 for entry in self))

    def _change(self, change: Callable[[list[Entry]], list[Entry]]) -> None:
        # On what is there now: another run may have written since this one read.
        with files.locked_writes(self._home):
            before = _read(self._home / LEDGER)
            after = change(before)
            if after != before:
                self._write(after)
            self._entries = after

    def _write(self, entries: list[Entry]) -> None:
        # When trust last changed: leaves from before it are issued again, since
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


def _whole(path: Path, sha256: str) -> Root | None:
    """The root in this file, if it is the one."""
    try:
        root = Root.read(path)
        return root if root.sha256 == sha256 else None
    except (OSError, ValueError):  # ValueError: no certificate, or no text
        return None


def _why_lost(path: Path) -> str:
    try:
        path.read_bytes()
    except FileNotFoundError:
        return f"{path} is missing"
    except OSError as error:
        return f"{path} cannot be read ({error.strerror})"
    return f"{path} is damaged"


def _same(entry: Entry, store: Store, root: Root) -> bool:
    return (entry.kind, entry.place, entry.sha256) == (store.kind, store.place, root.sha256)
