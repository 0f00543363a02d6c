"""docs/report.schema.json describes what trust, doctor and untrust print with --json."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from certs import settings
from certs.dotenv import CHECKOUT
from tests.support import certificates, nss
from tests.support.ports import free_port
from trust import cli, untrust
from trust import rows as show
from trust.clients import find as clients_find
from trust.clients import openssl
from trust.clients.base import Verdict
from trust.rows import Check
from trust.session import Session
from trust.stores import chromium, find, firefox
from trust.stores.change import Outcome, Row

home, real = nss.home, nss.real
SCHEMA = json.loads((CHECKOUT / "docs/report.schema.json").read_text())
STORE = SCHEMA["properties"]["stores"]["items"]
CLIENT = SCHEMA["properties"]["clients"]["items"]

TYPES = {"object": dict, "array": list, "string": str, "boolean": bool}
# What is checked below, and what needs no check.
CHECKED = {"type", "properties", "required", "additionalProperties", "items", "enum"}
SAID = {"$schema", "title", "description"}


def complaints(value: Any, schema: dict[str, Any], at: str = "it") -> list[str]:
    """How a value differs from a schema that has no more than CHECKED."""
    assert set(schema) <= CHECKED | SAID, f"{at}: a keyword that is not checked"
    if "enum" in schema and value not in schema["enum"]:
        return [f"{at} is {value!r}"]
    if "type" in schema and type(value) is not TYPES[schema["type"]]:
        return [f"{at} is no {schema['type']}"]
    found = []
    if isinstance(value, dict):
        assert schema["additionalProperties"] is False, at
        found += [f"{at} lacks {name}" for name in schema["required"] if name not in value]
        found += [f"{at} has {name}" for name in value if name not in schema["properties"]]
        for name, inner in schema["properties"].items():
            found += complaints(value[name], inner, f"{at}.{name}") if name in value else []
    if isinstance(value, list):
        for number, item in enumerate(value):
            found += complaints(item, schema["items"], f"{at}[{number}]")
    return found


@pytest.fixture
def session(tmp_path: Path) -> Session:
    env = {"HOME": str(tmp_path)}
    return Session(settings.read(env), env, quiet=True)


def test_a_report_with_every_outcome_and_verdict_matches(
    session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [Row("nss", "/db", "Chromium", o, "why", "fix", ["command"]) for o in Outcome]
    checks = [Check("curl 8.14.1", verdict, "why", "fix") for verdict in Verdict]
    assert show.answer(session.quiet, rows, checks) == 1
    assert complaints(json.loads(capsys.readouterr().out), SCHEMA) == []


def test_a_report_of_nothing_matches(session: Session, capsys: pytest.CaptureFixture[str]) -> None:
    assert show.answer(session.quiet, [], []) == 0
    report = json.loads(capsys.readouterr().out)
    assert complaints(report, SCHEMA) == []
    assert report == {"ok": True, "stores": [], "clients": []}


def test_untrust_prints_such_a_report(session: Session, capsys: pytest.CaptureFixture[str]) -> None:
    assert untrust.untrust(session, dry_run=False) == 0
    assert complaints(json.loads(capsys.readouterr().out), SCHEMA) == []


@pytest.fixture
def real_ones(real: nss.Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stores and a client that are none of a test's, in a home of their own."""
    real.database()
    (real.path / nss.OLD).mkdir(parents=True)
    # What is in the way has its row too.
    (real.path / nss.SNAP).mkdir(parents=True)
    for name in ("cert9.db", "key4.db"):
        (real.path / nss.SNAP / name).write_text("garbage")
    monkeypatch.setattr(find, "FINDERS", (chromium.find, firefox.find))
    monkeypatch.setattr(clients_find, "find_all", openssl.find)
    env = certificates.environment(tmp_path, HTTPS_PORT=str(free_port()), HOME=str(real.path))
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
        env.pop(name, None)
    for name, value in env.items():
        monkeypatch.setenv(name, value)


OUTCOMES = {
    "install --dry-run": {"planned", "not_done"},
    "install": {"trusted", "not_done"},
    "untrust --dry-run": {"planned"},
    "untrust": {"removed"},
}


@pytest.mark.usefixtures("real_ones")
def test_report_of_real_stores_and_clients_matches(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for words, outcomes in OUTCOMES.items():
        code = cli.main([*words.split(), "--json"])
        report = json.loads(capsys.readouterr().out)
        assert complaints(report, SCHEMA) == [], words
        assert {row["outcome"] for row in report["stores"]} == outcomes
        assert report["ok"] is (code == 0)
        for row in report["stores"]:
            assert bool(row["fix"]) is (row["outcome"] in ("not_done", "failed")), row
        assert [c["client"] for c in report["clients"]][:1] == (
            ["the stack"] * (words == "install")
        )


def test_the_words_are_those_of_the_code() -> None:
    assert STORE["properties"]["outcome"]["enum"] == [o.name.lower() for o in Outcome]
    assert CLIENT["properties"]["verdict"]["enum"] == [v.name.lower() for v in Verdict]


@pytest.mark.parametrize(("item", "kind"), [(STORE, Row), (CLIENT, Check)])
def test_the_fields_are_those_of_the_code(item: dict[str, Any], kind: type) -> None:
    fields = [field.name for field in dataclasses.fields(kind)]
    assert list(item["properties"]) == item["required"] == fields


@pytest.mark.parametrize(
    "report",
    [
        [],
        {"ok": True, "stores": []},
        {"ok": "yes", "stores": [], "clients": []},
        {"ok": True, "stores": [], "clients": [], "more": 1},
        {
            "ok": True,
            "stores": [],
            "clients": [{"client": "curl", "verdict": "ok", "why": "", "fix": ""}],
        },
    ],
)
def test_another_report_does_not_match(report: object) -> None:
    assert complaints(report, SCHEMA) != []
