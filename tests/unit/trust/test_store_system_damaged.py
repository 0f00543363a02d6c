"""The system's bundle with a block that is no certificate: curl reads none of it then."""

from __future__ import annotations

from itertools import repeat
from pathlib import Path

import pytest

from tests.support import doctoring, system_stores
from tests.support.fake_store import FakeStore
from tests.support.system_stores import ANCHORS, BUNDLES, DEBIAN, TOOLS, Layout
from trust.commands import Command
from trust.root import Root
from trust.stores import base
from trust.stores.base import Presence, State
from trust.stores.change import Outcome, install, remove
from trust.stores.ledger import Ledger

root, other = system_stores.root, system_stores.other
machine = system_stores.machine
GARBAGE = "-----BEGIN CERTIFICATE-----\nbm90IGEgY2VydGlmaWNhdGU=\n-----END CERTIFICATE-----\n"


def damaged(machine: Layout, root: Root, block: str = GARBAGE) -> Path:
    """A bundle with the root, after that block."""
    path = machine.fs / BUNDLES[DEBIAN]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"# roots\n{block}{root.pem}")
    return path


def made_again(machine: Layout) -> Command:
    """In the words of this machine: with sudo, doas or su."""
    return Command((str(machine.fs / TOOLS[DEBIAN]), "--fresh"), root=True)


def test_the_anchor_that_it_comes_from_is_named(machine: Layout, root: Root) -> None:
    store = machine.distribution(DEBIAN)
    path = damaged(machine, root)
    anchor = machine.fs / ANCHORS[DEBIAN] / "a corp.crt"
    anchor.write_text(f"Corporate\n{GARBAGE}")
    machine.put(ANCHORS[DEBIAN], "another.crt", root)
    state = store.state(root, system_stores.RUNNER)
    assert state.presence is Presence.TRUSTED
    why = f"{path} has a block that is not a certificate, in line 2, from {anchor}"
    assert state.why == why
    aside = Command(("mv", str(anchor), f"{anchor}.damaged"), root=True)
    assert state.fix == f"{aside} && {made_again(machine)}"


@pytest.mark.parametrize("block", [GARBAGE, GARBAGE[:40] + "\n"], ids=["whole", "cut off"])
def test_block_of_no_anchor_goes_when_the_bundle_is_made_again(
    machine: Layout, root: Root, block: str
) -> None:
    store = machine.distribution(DEBIAN)
    path = damaged(machine, root, block)
    state = store.state(root, system_stores.RUNNER)
    why = f"{path} has a block that is not a certificate, in line 2; this makes the bundle again"
    assert (state.presence, state.why) == (Presence.TRUSTED, why)
    assert state.fix == str(made_again(machine))


def test_a_bundle_without_such_a_block_says_nothing(machine: Layout, root: Root) -> None:
    store = machine.distribution(DEBIAN)
    machine.bundle(root)
    assert store.state(root, system_stores.RUNNER) == base.TRUSTED


def test_make_certs_says_it_on_the_row_and_untrust_still_plans(
    machine: Layout, root: Root, tmp_path: Path
) -> None:
    store = machine.distribution(DEBIAN)
    damaged(machine, root)
    (tmp_path / "ca").mkdir()
    ledger = Ledger(tmp_path / "ca")
    runner = system_stores.RUNNER
    (row,) = install([store], root, runner, ledger, dry_run=False)
    assert (row.outcome, row.ok) == (Outcome.ALREADY, True)
    assert "in line 2" in row.why
    assert row.fix
    ledger.add(store, root)
    (row,) = remove([store], [root], runner, ledger, dry_run=True)
    assert row.outcome is Outcome.PLANNED


def test_doctor_names_the_block_and_not_make_certs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = doctoring.ProvenHome(tmp_path, monkeypatch)
    why, fix = "bundle has a block that is not a certificate, in line 2", "sudo make it again"
    state = State(Presence.TRUSTED, why, fix)
    machine.stores = [FakeStore(title="the store", kind="system", says=repeat(state))]
    row = machine.check(doctoring.Fake("curl"))
    assert (row.why, row.fix) == (f"the store: {why}", fix)
    assert row.ok is False
