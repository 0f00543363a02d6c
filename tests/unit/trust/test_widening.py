"""A wider authority: asked for, and the old one's root taken back."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from certs import ca_home
from certs.permitted import Permitted
from tests.support import certificates, trusting
from tests.support.trusting import WIDER, TrustingHome
from trust.stores.ledger import Ledger

machine = trusting.machine

Captured = pytest.CaptureFixture[str]


def assert_widened(machine: TrustingHome, before: str, permit: str = WIDER) -> None:
    assert machine.fingerprint != before
    assert [store.roots for store in machine.stores] == [[machine.fingerprint]] * 2
    assert {entry.sha256 for entry in Ledger(machine.folder / "ca")} == {machine.fingerprint}
    authority = certificates.read_authority(machine.folder)
    assert authority.permitted.minus(Permitted()) == permit.split()
    root = authority.root
    certificates.assert_is_root(root, authority.permitted)
    certificates.assert_is_intermediate(authority.intermediate, root, authority.permitted)


ANSWERS = ["n", "no", "", "maybe"]


@pytest.mark.parametrize("answer", ANSWERS, ids=repr)
def test_answer_no_changes_nothing(machine: TrustingHome, answer: str, capsys: Captured) -> None:
    before = machine.state()
    asked = machine.answer(answer)
    capsys.readouterr()
    assert machine.trust(permit=WIDER) == 1
    (question,) = asked
    for words in ("may not sign corp.example, 100.64.0.0/10", "can sign", "[y/N]"):
        assert words in question
    assert capsys.readouterr().err == "certs: nothing was changed\n"
    assert machine.state() == before


@pytest.mark.parametrize("options", [(), ("--json",)], ids=["for people", "for programs"])
def test_refusal_says_how_to_say_yes_where_nobody_can_be_asked(
    machine: TrustingHome, options: tuple[str, ...], capsys: Captured
) -> None:
    before = machine.state()
    capsys.readouterr()
    assert machine.trust(*options, permit=WIDER) == 1
    err = capsys.readouterr().err
    assert "may not sign corp.example, 100.64.0.0/10" in err
    assert err.endswith("for yes: YES=1 make certs, or --yes\n")
    assert machine.state() == before


def test_yes_makes_a_wider_authority_and_takes_the_old_one_back(machine: TrustingHome) -> None:
    before = machine.fingerprint
    machine.answer(" Yes ")
    assert machine.trust(permit=WIDER) == 0
    assert_widened(machine, before)


def test_yes_can_be_said_before(machine: TrustingHome, capsys: Captured) -> None:
    before = machine.fingerprint
    capsys.readouterr()
    assert machine.trust("--yes", permit=WIDER) == 0
    assert_widened(machine, before)
    out = capsys.readouterr().out
    for name in ("first", "second"):
        assert f"store: {name}: trusted now\nstore" in out
        assert f"store: {name}: taken back\n" in out


def test_programs_read_both_rows_of_each_store(machine: TrustingHome, capsys: Captured) -> None:
    capsys.readouterr()
    assert machine.trust("--yes", "--json", permit=WIDER) == 0
    rows = json.loads(capsys.readouterr().out)["stores"]
    assert [(row["title"], row["outcome"]) for row in rows] == [
        (name, outcome) for outcome in ("trusted", "removed") for name in ("first", "second")
    ]


def test_the_old_key_is_gone(machine: TrustingHome) -> None:
    old = certificates.read_authority(machine.folder).key_pem()
    assert machine.trust("--yes", permit=WIDER) == 0
    assert [path for path, data in machine.state().items() if old in data] == []
    keys = [path for path, data in machine.state().items() if b"PRIVATE KEY" in data]
    names = {str(Path(path).relative_to(machine.folder)) for path in keys}
    assert names == {"ca/authority.pem", "leaf/leaf.pem", "leaf/leaf-names.pem"}


def test_leaf_is_of_the_new_authority(machine: TrustingHome) -> None:
    hosts = "api.corp.example 100.64.0.9"
    assert machine.trust("--yes", permit=WIDER, hosts=hosts) == 0
    certificates.assert_minted(machine.folder, hosts)


NO_QUESTION = {"nothing more": "", "what it may sign already": "app.test 10.1.0.0/16"}


@pytest.mark.parametrize("permit", NO_QUESTION.values(), ids=NO_QUESTION)
def test_permit_within_the_authority_asks_nothing(machine: TrustingHome, permit: str) -> None:
    before = machine.fingerprint
    asked = machine.answer("n")
    assert machine.trust(permit=permit) == 0
    assert (machine.fingerprint, asked) == (before, [])


def test_wider_authority_stays_whatever_is_asked_for_later(machine: TrustingHome) -> None:
    assert machine.trust("--yes", permit=WIDER) == 0
    wide = machine.fingerprint
    assert machine.trust(permit="corp.example") == 0
    assert machine.trust() == 0
    assert machine.fingerprint == wide


def test_the_first_authority_is_as_wide_as_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = TrustingHome(tmp_path, monkeypatch)
    asked = machine.answer("y")
    assert machine.trust(permit=WIDER) == 0
    (question,) = asked
    for words in ("may sign corp.example, 100.64.0.0/10", "anybody who has its key", "[y/N]"):
        assert words in question
    assert_widened(machine, "none")


def test_an_old_root_that_stays_is_taken_back_by_the_next_run(machine: TrustingHome) -> None:
    before = machine.fingerprint
    machine.stores[1].stuck = True
    assert machine.trust("--yes", permit=WIDER) == 1
    assert before in machine.stores[1].roots
    machine.stores[1].stuck = False
    assert machine.trust(permit=WIDER) == 0
    assert_widened(machine, before)


DRY: dict[str, Callable[[Path], object]] = {
    "as it is": Path.stat,
    "a damaged authority": lambda path: path.write_bytes(b"garbage"),
    "no authority": Path.unlink,
    "no root beside it": lambda path: path.with_name(ca_home.ROOT).unlink(),
}


@pytest.mark.parametrize("change", DRY.values(), ids=DRY)
def test_a_dry_run_changes_nothing(machine: TrustingHome, change: Callable[[Path], object]) -> None:
    change(machine.folder / "ca" / ca_home.AUTHORITY)
    before = machine.state()
    asked = machine.answer("y")
    machine.trust("--dry-run", permit=WIDER)
    assert (machine.state(), asked) == (before, [])
