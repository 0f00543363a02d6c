"""DRY_RUN=1 make certs, where PERMIT names more than the authority may sign."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from certs import ca_home, mint
from tests.support import certificates, trusting
from tests.support.trusting import WIDER, TrustingHome

DIGITS = re.compile(r"[0-9a-f]{64}")
EXAMPLE = "its root would go into these stores, under other digits than in this example:\n"
Captured = pytest.CaptureFixture[str]
machine = trusting.machine  # with a root in both its stores


def plan(machine: TrustingHome, capsys: Captured, *options: str, permit: str = WIDER) -> str:
    """What it says; it changes nothing, and asks nothing."""
    before, asked = machine.state(), machine.answer("y")
    capsys.readouterr()
    assert machine.trust("--dry-run", *options, permit=permit) == 0
    assert (machine.state(), asked) == (before, [])
    return DIGITS.sub("<digits>", capsys.readouterr().out)


def written(machine: TrustingHome) -> str:
    return "".join(
        f"store: {name}: would run\n    touch {machine.folder / name}/<digits>\n"
        for name in ("first", "second")
    )


def taken_back(machine: TrustingHome) -> list[str]:
    return [
        f"store: {name}: would run\n    rm {machine.folder / name}/<digits>\n"
        for name in ("first", "second")
    ]


def test_plan_says_what_would_be_made_written_and_taken_back(
    machine: TrustingHome, capsys: Captured
) -> None:
    name = certificates.read_authority(machine.folder).name
    assert plan(machine, capsys) == (
        "would ask, then make an authority that may sign corp.example, 100.64.0.0/10 too, "
        f"in the place of {name}; {EXAMPLE}{written(machine)}"
        "and the older root would be taken out of these stores:\n" + "".join(taken_back(machine))
    )


def test_plan_is_what_is_done_then(machine: TrustingHome, capsys: Captured) -> None:
    old = machine.fingerprint
    rows = json.loads(plan(machine, capsys, "--json"))["stores"]
    assert [(row["title"], row["outcome"]) for row in rows] == [
        ("first", "planned"),
        ("second", "planned"),
    ] * 2
    commands = [command for row in rows for command in row["commands"]]
    assert machine.trust("--yes", permit=WIDER) == 0
    out = capsys.readouterr().out
    assert re.findall(r"will run (.*)\n", DIGITS.sub("<digits>", out)) == commands
    assert f"rm {machine.folder / 'first'}/{old}\n" in out


def test_plan_says_nothing_of_an_authority_that_is_wide_enough(
    machine: TrustingHome, capsys: Captured
) -> None:
    out = plan(machine, capsys, permit="app.test")
    assert out == "store: first: already trusted\nstore: second: already trusted\n"


FIRST = {
    "as usual": ("", "would make an authority first;"),
    "wider": (
        WIDER,
        "would ask, then make an authority first, that may sign corp.example, 100.64.0.0/10 too;",
    ),
}


@pytest.mark.parametrize(("permit", "begin"), FIRST.values(), ids=FIRST)
def test_plan_without_an_authority_says_what_the_first_would_be(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Captured,
    permit: str,
    begin: str,
) -> None:
    made = TrustingHome(tmp_path, monkeypatch)
    out = plan(made, capsys, permit=permit)
    assert out == f"{begin} {EXAMPLE}{written(made)}"


def test_plan_has_what_a_lost_authority_had_written(
    machine: TrustingHome, capsys: Captured
) -> None:
    (machine.folder / "ca" / ca_home.AUTHORITY).unlink()
    out = plan(machine, capsys, permit="")
    assert out.startswith(f"would make an authority first; {EXAMPLE}{written(machine)}")
    assert out.endswith("would be taken out of these stores:\n" + "".join(taken_back(machine)))


def test_plan_says_that_it_would_ask_of_a_wide_root_that_no_store_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    made = TrustingHome(tmp_path, monkeypatch)
    mint.ensure(certificates.settings(tmp_path, permit="com"))
    out = plan(made, capsys, permit="")
    assert out.startswith("would ask: The authority wss-stack root ")
    assert " may sign com, besides" in out


def test_old_roots_that_stayed_are_in_the_plan(machine: TrustingHome, capsys: Captured) -> None:
    (stays,) = taken_back(machine)[1:]
    machine.stores[1].stuck = True
    assert machine.trust("--yes", permit="corp.example") == 1
    machine.stores[1].stuck = False
    assert stays in plan(machine, capsys, permit="corp.example")


def test_a_missing_copy_of_the_root_makes_no_other_authority(
    machine: TrustingHome, capsys: Captured
) -> None:
    (machine.folder / "ca" / ca_home.ROOT).unlink()
    out = plan(machine, capsys, permit="app.test")
    assert out == "store: first: already trusted\nstore: second: already trusted\n"
