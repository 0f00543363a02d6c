"""The ledger: which root was written to which store, so that `make untrust` removes all.

It is one JSON file in CA_HOME. An entry, with the root's certificate, is written before its
store is changed. So an interruption can leave an entry without a root in the store, which
`make untrust` notices, but never a root without an entry.
"""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path

from certs import ca_home, files
from certs.authority import UNREADABLE
from certs.ca_home import LEDGER
from certs.errors import RefusalError
from trust.root import Root
from trust.stores.base import Store

_VERSION = 1


class LedgerError(RefusalError):
    """The ledger cannot be read. The text says why, and names the command to type."""


@dataclass(frozen=True)
class Entry:
    """One root in one store."""

    kind: str
    place: str
    title: str
    when: str  # ISO 8601, UTC
    pem: str  # the root's certificate

    @property
    def sha256(self) -> str:
        return Root(Path(), self.pem).sha256


class Ledger:
    """The ledger, read when made. Every change is on disk before the method returns."""

    def __init__(self, home: Path) -> None:
        """Raises LedgerError, OSError."""
        self._home = home
        self._entries = _read(home)

    def __iter__(self) -> Iterator[Entry]:
        return iter(tuple(self._entries))

    def find(self, store: Store, root: Root) -> Entry | None:
        return next((entry for entry in self if _same(entry, store, root)), None)

    def roots(self, folder: Path) -> list[Root]:
        """Every root with an entry, each once, as a file for programs that need one: root.pem
        for the present root, else a file in this folder."""
        current = self._home / ca_home.ROOT
        there = current.read_bytes() if current.is_file() else b""
        found = []
        for pem in dict.fromkeys(entry.pem for entry in self):
            path = current
            if pem.encode() != there:
                path = folder / f"{Root(path, pem).sha256}.pem"
                files.write(path, pem.encode(), files.PUBLIC)
            found.append(Root(path, pem))
        return found

    def read_again(self) -> None:
        """Reads the file again: another run may have changed it. Raises LedgerError, OSError."""
        self._entries = _read(self._home)

    def add(self, store: Store, root: Root) -> None:
        now = datetime.now(UTC).isoformat(timespec="seconds")
        entry = Entry(store.kind, store.place, store.title, now, root.pem)
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
        """Deletes the file; returns False, and keeps it, if it has an entry.

        Raises LedgerError, OSError.
        """
        with files.locked_writes(self._home):
            self._entries = _read(self._home)
            if self._entries:
                return False
            files.delete(self._home / LEDGER)
            return True

    def _change(self, change: Callable[[list[Entry]], list[Entry]]) -> None:
        # The file is read again first: another run may have changed it.
        with files.locked_writes(self._home):
            before = _read(self._home)
            after = change(before)
            if after != before:
                self._write(after)
            self._entries = after

    def _write(self, entries: list[Entry]) -> None:
        # "changed": a leaf from before the last change of trust is issued again, because
        # a browser remembers for half an hour whether it trusted a certificate.
        data = {
            "version": _VERSION,
            "changed": datetime.now(UTC).isoformat(timespec="seconds"),
            "entries": [asdict(entry) for entry in entries],
        }
        files.write(self._home / LEDGER, json.dumps(data, indent=2).encode(), files.PUBLIC)


def _read(home: Path) -> list[Entry]:
    """Raises LedgerError, OSError."""
    path = home / LEDGER
    try:
        entries = ca_home.read_ledger(home).get("entries")
        if not isinstance(entries, list):
            raise ValueError('its "entries" are not a list')
        return [_entry(entry) for entry in entries]
    except FileNotFoundError:
        return []
    except ValueError as error:
        aside = shlex.quote(f"{path}.damaged")
        raise LedgerError(
            f"{path} cannot be read ({error}). It says which root was written to which store. "
            f"To go on without it: mv {shlex.quote(str(path))} {aside}"
        ) from None


def _entry(data: object) -> Entry:
    """Raises ValueError for data that _write did not write."""
    names = [field.name for field in fields(Entry)]
    if not isinstance(data, dict) or sorted(data) != sorted(names):
        raise ValueError(f"an entry has not the fields {', '.join(names)}")
    for name, text in data.items():
        if not isinstance(text, str) or "\0" in text:
            raise ValueError(f'the "{name}" of an entry is {text!r:.60}, which is not a text')
        os.fsencode(text)  # raises UnicodeEncodeError, a ValueError
    entry = Entry(**data)
    if datetime.fromisoformat(entry.when).tzinfo is None:
        raise ValueError(f'the "when" of an entry is {entry.when}, without a time zone')
    try:
        Root(Path(), entry.pem).name  # noqa: B018 - reads the certificate
    except (*UNREADABLE, IndexError) as error:
        raise ValueError(f'the "pem" of an entry is not a root of this project ({error})') from None
    return entry


def _same(entry: Entry, store: Store, root: Root) -> bool:
    return (entry.kind, entry.place, entry.sha256) == (store.kind, store.place, root.sha256)
