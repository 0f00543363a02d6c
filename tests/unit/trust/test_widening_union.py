"""Several PERMITs on one machine: a wider authority loses no name."""

from __future__ import annotations

import pytest

from certs import ca_home, mint
from certs.permitted import Permitted, parse_permit
from tests.support import certificates, trusting
from tests.support.trusting import TrustingHome
from trust.session import Session

Captured = pytest.CaptureFixture[str]
machine = trusting.machine  # with a root in both its stores


def beyond(machine: TrustingHome) -> list[str]:
    """What the authority may sign besides the usual."""
    return certificates.read_authority(machine.folder).permitted.minus(Permitted())


def test_a_wider_authority_loses_nothing(machine: TrustingHome) -> None:
    assert machine.trust("--yes", permit="a.example 100.64.0.0/10") == 0
    assert machine.trust("--yes", permit="b.example") == 0
    assert beyond(machine) == ["a.example", "b.example", "100.64.0.0/10"]
    assert [store.roots for store in machine.stores] == [[machine.fingerprint]] * 2


def test_checkouts_with_different_permits_replace_each_other_once(machine: TrustingHome) -> None:
    asked = machine.answer("y")
    for permit in ("a.example", "b.example"):
        assert machine.trust(permit=permit, hosts=f"app.{permit}") == 0
    root = machine.fingerprint
    for permit in ("a.example", "b.example"):
        assert machine.trust(permit=permit, hosts=f"app.{permit}") == 0
    assert (machine.fingerprint, len(asked)) == (root, 2)


def test_the_question_names_what_is_new(machine: TrustingHome) -> None:
    asked = machine.answer("y")
    assert machine.trust(permit="a.example") == 0
    assert machine.trust(permit="b.example") == 0
    assert "may not sign b.example. A new one can: " in asked[1]


def test_the_question_names_all_that_was_never_agreed_to(machine: TrustingHome) -> None:
    """What the one that is there may sign is in the new one, and no store has either."""
    (machine.folder / "ca" / ca_home.AUTHORITY).unlink()
    made = certificates.settings(machine.folder, permit="a.example")
    mint.ensure(made)
    asked = machine.answer("y")
    assert machine.trust(permit="b.example") == 0
    (question,) = asked
    assert "may not sign b.example. A new one can sign a.example, b.example: " in question
    assert beyond(machine) == ["a.example", "b.example"]


def test_dry_run_plans_the_same_union(machine: TrustingHome, capsys: Captured) -> None:
    assert machine.trust("--yes", permit="a.example") == 0
    capsys.readouterr()
    assert machine.trust("--dry-run", permit="b.example") == 0
    assert "make an authority that may sign b.example too, in the place" in capsys.readouterr().out
    there = certificates.read_authority(machine.folder)
    settings = certificates.settings(machine.folder, permit="b.example")
    assert ca_home.example(settings, there).permitted.minus(Permitted()) == [
        "a.example",
        "b.example",
    ]
    assert ca_home.example(settings, None).permitted.minus(Permitted()) == ["b.example"]


def test_authority_that_another_run_has_widened_meanwhile_counts(
    machine: TrustingHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the question stood."""

    def ask(*_: object) -> None:
        other = certificates.settings(machine.folder, permit="a.example")
        ca_home.replace_authority(other)

    monkeypatch.setattr(Session, "ask", ask)
    assert machine.trust(permit="b.example") == 0
    assert beyond(machine) == ["a.example", "b.example"]


def test_union_has_each_once_and_the_first_ones_first() -> None:
    joined = parse_permit("a.example 100.64.0.0/10").union(parse_permit("b.example a.example"))
    assert joined == parse_permit("a.example b.example 100.64.0.0/10")
