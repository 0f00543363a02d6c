"""A ledger that was not written here, or not so: a refusal, or said once."""

from __future__ import annotations

import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from certs import ca_home, output
from tests.support.ledgers import STORE, new_root
from trust.root import Root
from trust.stores.ledger import Ledger, LedgerError


@pytest.fixture
def home(tmp_path: Path) -> Path:
    path = tmp_path / "a home"
    path.mkdir()
    return path


@pytest.fixture
def root(tmp_path: Path) -> Root:
    return new_root(tmp_path / "root.pem")


DAMAGED = {
    "cut off": b'{"version": 1, "entries": [{"kind": "nss"',
    "empty": b"",
    "not UTF-8": b"\xff\xfe",
    "a list": b"[]",
    "a text": b'"changed"',
    "nested deeply": b"[" * 100_000,
    "a deep object": b'{"entries":' * 100_000,
    "a number of many digits": b'{"entries": ' + b"1" * 10_000 + b"}",
    "entries of no use": b'{"entries": [{"kind": "nss"}]}',
    "entries that are none": b'{"entries": null}',
    "entries that are texts": b'{"entries": ["nss"]}',
    "entries that are an object": b'{"entries": {"kind": "nss"}}',
}


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED)
def test_damaged_ledger_is_an_error_with_the_command_that_fixes_it(
    home: Path, content: bytes
) -> None:
    path = home / ca_home.LEDGER
    path.write_bytes(content)
    with pytest.raises(LedgerError, match="which root was written to which store") as caught:
        Ledger(home)
    assert str(path) in str(caught.value)
    assert path.read_bytes() == content, "it is not for us to throw away"


WRONG_ENTRIES: dict[str, dict[str, object]] = {
    "a list as place": {"place": ["/a/store"]},
    "a number as title": {"title": 7},
    "an object as kind": {"kind": {"nss": 1}},
    "NUL in the place": {"place": "/a\0store"},
    "half a character": {"title": "\ud800"},
    "a naive time": {"when": "2026-11-25T23:00:00"},
    "no time": {"when": "once"},
    "an unknown field": {"also": "x"},
    "an empty certificate": {"pem": ""},
    "a certificate of garbage": {
        "pem": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
    },
}


@pytest.mark.parametrize("wrong", WRONG_ENTRIES.values(), ids=WRONG_ENTRIES)
def test_entry_that_was_not_written_here_is_an_error_with_the_command_that_fixes_it(
    home: Path, root: Root, wrong: dict[str, object]
) -> None:
    Ledger(home).add(STORE, root)
    path = home / ca_home.LEDGER
    data = json.loads(path.read_text())
    data["entries"][0] |= wrong
    path.write_text(json.dumps(data))
    with pytest.raises(LedgerError, match="To go on without it: mv "):
        Ledger(home)


def test_fix_of_a_damaged_ledger_works_as_it_is_shown(home: Path) -> None:
    path = home / ca_home.LEDGER  # with a space in it
    path.write_text("garbage")
    with pytest.raises(LedgerError) as caught:
        Ledger(home)
    command = str(caught.value).partition("To go on without it: ")[2]
    subprocess.run(["sh", "-c", command], check=True)
    assert list(Ledger(home)) == []
    assert path.with_name("ledger.json.damaged").read_text() == "garbage"


DATES = {
    "no date": b'{"changed": "once"}',
    "a list as date": b'{"changed": ["2026-11-25"]}',
    "no date at all": b"{}",
    "a naive date": b'{"changed": "2026-11-25T23:00:00"}',
    "the future": b'{"changed": "2999-11-25T23:00:00+00:00"}',
    "the farthest future": b'{"changed": "9999-12-31T23:59:59-23:59"}',
}
NOT_JSON = {name: content for name, content in DAMAGED.items() if not name.startswith("entries")}


@pytest.mark.parametrize("content", [*NOT_JSON.values(), *DATES.values()], ids=[*NOT_JSON, *DATES])
def test_ledger_without_a_usable_date_is_said_once_and_stops_nobody(
    home: Path, content: bytes
) -> None:
    (home / ca_home.LEDGER).write_bytes(content)
    said: list[str] = []
    with output.told(said.append):
        for _ in range(3):
            assert ca_home.changed(home) is None
    (line,) = said
    assert line.startswith(str(home / ca_home.LEDGER))


def test_oldest_date_counts(home: Path) -> None:
    (home / ca_home.LEDGER).write_text('{"changed": "0001-01-01T00:00:00+23:59"}')
    found = ca_home.changed(home)
    assert found is not None
    assert found < datetime.now(UTC)
