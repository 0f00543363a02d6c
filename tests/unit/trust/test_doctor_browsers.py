"""The proof of browsers: the store each reads, and what it may still remember."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import cast

import psutil
import pytest

from certs.ca_home import LEDGER
from tests.support import doctoring
from tests.support.doctoring import NO, Fake, ProvenHome
from tests.support.fake_store import FakeStore
from trust.clients.base import PROVEN_BY_ECHO, Verdict
from trust.commands import Runner
from trust.proof import open_browsers
from trust.rows import Check
from trust.stores import firefox
from trust.stores.base import ABSENT
from trust.stores.ledger import Ledger
from trust.stores.nss import NssStore

machine = doctoring.machine

CHROMIUMS = FakeStore(title="Chromium's", kind="nss")


# Name, seconds from when the root was added, whether it is this user's, told.
Running = tuple[str, int, bool, bool]
RUNNING: dict[str, Running] = {
    "since before": ("chromium-browse", -60, True, True),
    "Chrome on macOS": ("Google Chrome", -60, True, True),
    "since after": ("chromium", 60, True, False),
    "somebody else's": ("chromium", -60, False, False),
    "another browser": ("firefox", -60, True, False),
}


def run(machine: ProvenHome, name: str, seconds: int, *, mine: bool = True) -> None:
    """A process with a child a second younger, which is listed first."""
    owner = SimpleNamespace(effective=os.geteuid() if mine else os.geteuid() + 1)
    started = datetime.now(UTC).timestamp() + seconds

    def process(pid: int, age: int) -> SimpleNamespace:
        times = {"create_time": lambda: started + age}
        return SimpleNamespace(pid=pid, name=lambda: name, uids=lambda: owner, **times)

    machine.patch.setattr(psutil, "process_iter", lambda: [process(41, 1), process(42, 0)])


@pytest.mark.parametrize("case", RUNNING.values(), ids=RUNNING)
def test_a_browser_that_runs_since_before_is_named(machine: ProvenHome, case: Running) -> None:
    name, seconds, mine, told = case
    run(machine, name, seconds, mine=mine)
    machine.remember(CHROMIUMS, machine.root)
    row = machine.check(Fake("chromium", lambda *_: PROVEN_BY_ECHO))
    why = f"but one has been running since before the root was added: {name} (pid 42)"
    assert row == Check("Fake 1.0", Verdict.PASS, *((why, "restart it") if told else ()))


def test_an_entry_from_the_future_asks_for_no_restart(machine: ProvenHome) -> None:
    """No restart gets past it: a clock was wrong."""
    machine.remember(CHROMIUMS, machine.root)
    path = machine.folder / "ca" / LEDGER
    (when,) = (entry.when for entry in Ledger(machine.folder / "ca"))
    path.write_text(path.read_text().replace(when, "2999-01-01T00:00:00+00:00"))
    run(machine, "chromium", -60)
    assert machine.check(Fake("chromium", lambda *_: PROVEN_BY_ECHO)).why == ""


def test_firefox_reads_its_profiles_and_chromium_does_not(machine: ProvenHome) -> None:
    profile = machine.folder / ".mozilla/firefox/ab.default"
    profile.mkdir(parents=True)
    (profile / "cert9.db").touch()
    machine.patch.setattr(NssStore, "state", lambda *_: ABSENT)
    (found,) = firefox.find(machine.env, Runner(machine.env, interactive=False), machine.folder)
    store = cast(FakeStore, found)
    machine.stores = [store, replace(CHROMIUMS, has="ours")]
    assert machine.check(Fake("firefox")).why == f"the root is not in {store.title}"
    assert machine.check(Fake("chromium")).why == NO.why
    machine.remember(store, machine.root)
    run(machine, "firefox-bin", -60)
    passes = [Fake(kind, lambda *_: PROVEN_BY_ECHO) for kind in ("firefox", "chromium")]
    assert [row.fix for row in machine.examine(*passes)[1:]] == ["restart it", ""]
    assert open_browsers.browsers() == ["firefox-bin (pid 42) is running."]
