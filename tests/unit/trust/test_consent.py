"""A root that may sign more than the default is asked for before a store has it."""

from __future__ import annotations

import json
import sys
from io import StringIO
from pathlib import Path

import pytest

from certs import mint
from tests.support import certificates
from tests.support.trusting import Terminal, TrustingHome
from trust import cli

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TrustingHome:
    """With nothing made yet."""
    return TrustingHome(tmp_path, monkeypatch)


def made_by_another(machine: TrustingHome, permit: str) -> None:
    """As `make up` does: it touches no store."""
    mint.ensure(certificates.settings(machine.folder, permit=permit))


@pytest.mark.parametrize("there", [False, True], ids=["none yet", "made by make up"])
def test_store_gets_no_root_where_nobody_can_be_asked(
    machine: TrustingHome, there: bool, capsys: Captured
) -> None:
    if there:
        made_by_another(machine, "com 100.64.0.0/10")
    before = machine.state()
    assert machine.trust(permit="com 100.64.0.0/10") == 1
    err = capsys.readouterr().err
    assert "may sign com, 100.64.0.0/10, besides" in err
    assert "every name under com. Go on?" in err
    assert err.endswith("for yes: YES=1 make certs, or --yes\n")
    assert machine.state() == before


@pytest.mark.parametrize("permit", ["", "corp.example"], ids=["PERMIT unset", "the same"])
def test_a_yes_counts_as_long_as_a_store_has_it(machine: TrustingHome, permit: str) -> None:
    made_by_another(machine, "corp.example")
    asked = machine.answer("y")
    assert machine.trust(permit=permit) == 0
    assert machine.trust(permit=permit) == 0
    assert len(asked) == 1
    assert "every name under" not in asked[0]
    assert [store.roots for store in machine.stores] == [[machine.fingerprint]] * 2
    assert cli.main(["untrust"]) == 0
    assert machine.trust(permit=permit) == 0
    assert len(asked) == 2


def test_one_question_names_all_that_was_never_agreed_to(machine: TrustingHome) -> None:
    made_by_another(machine, "corp.example")
    asked = machine.answer("y")
    assert machine.trust(permit="corp.example com") == 0
    (question,) = asked
    assert "may not sign com. A new one can sign corp.example, com: " in question
    assert "every name under com. Make it?" in question


@pytest.mark.parametrize("options", [(), ("--json",)], ids=["for people", "for programs"])
@pytest.mark.parametrize(("word", "code"), [("y\n", 0), ("n\n", 1), ("", 1)], ids=repr)
def test_the_question_is_on_standard_error(
    machine: TrustingHome,
    options: tuple[str, ...],
    word: str,
    code: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Captured,
) -> None:
    """It is seen, and standard output is for programs: remove --json > out.json."""
    assert machine.trust() == 0
    monkeypatch.setattr(sys, "stdin", Terminal(word))
    capsys.readouterr()
    assert cli.main(["remove", *options]) == code
    out, err = capsys.readouterr()
    assert "Go on? [y/N] " in err
    assert "[y/N]" not in out
    if options and not code:
        assert json.loads(out)["ok"]
    elif code:
        assert out == ""
        assert err.endswith("certs: nothing was changed\n")


def test_usual_authority_asks_nothing(machine: TrustingHome) -> None:
    asked = machine.answer("n")
    assert machine.trust() == 0
    assert asked == []


def test_the_old_authority_is_said_of_once(machine: TrustingHome, capsys: Captured) -> None:
    """Who is asked need not be told besides."""
    assert machine.trust() == 0
    capsys.readouterr()
    assert machine.trust("--yes", permit="com") == 0
    assert "PERMIT com:" not in capsys.readouterr().out


def test_terminal_sees_the_rows_on_standard_error_with_json(
    machine: TrustingHome, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert machine.trust("--json") == 0
    assert capsys.readouterr().err == "", "no terminal"
    terminal: StringIO = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    assert machine.trust("--json") == 0
    assert json.loads(capsys.readouterr().out)["ok"]
    assert "already trusted" in terminal.getvalue()
