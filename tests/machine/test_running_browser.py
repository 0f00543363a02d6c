"""A browser that has been running since before the root was added is named: it may remember.

One story, in the order of this file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

import pytest

from tests.support.clients_in_machine import CHROMIUM, FIREFOX
from tests.support.machine import Machine
from tests.support.waiting import until

BROWSERS = {"chromium": CHROMIUM, "firefox": FIREFOX}
SINCE_BEFORE = re.compile(r"running since before the root was added: (\S+) \(pid (\d+)\)")


def start(machine: Machine) -> dict[str, int]:
    """One of each, with dev's own home and profile. Their pids, once they run."""
    pids = {}
    for kind, command in BROWSERS.items():
        log = f"/tmp/{kind}.log"  # noqa: S108 - the machine is ours alone
        behind = ("sh", "-c", f'"$@" >{log} 2>&1 & echo $!', "sh")
        pids[kind] = int(machine.run(*behind, *command, "--remote-debugging-port=0").stdout)
        until(lambda log=log: "listening on ws://" in machine.read(log), f"{kind} to run")  # type: ignore[misc]
    return pids


def end(machine: Machine) -> None:
    """With all that they have started, which bear their names."""
    names = ("--uid", "dev", "chrom|firefox|crash")
    none = 1
    # Again and again: one that is just ending may start another.
    until(lambda: machine.run("pkill", *names, check=False).returncode == none, "them to end", 60)


def rows(machine: Machine) -> dict[str, dict[str, str]]:
    """What doctor says of each kind of browser."""
    told = machine.run(".venv/bin/python", "-m", "trust", "doctor", "--json")
    checks = json.loads(told.stdout)["clients"]
    return {kind: row for row in checks for kind in BROWSERS if kind in row["client"].lower()}


@pytest.fixture(scope="module")
def early(stack: Machine) -> Iterator[Mapping[str, int]]:
    """The browsers that ran when the root was added."""
    yield start(stack)
    end(stack)


@pytest.fixture(scope="module")
def trusting(stack: Machine, early: Mapping[str, int]) -> Iterator[Machine]:
    stack.make("certs")
    yield stack
    stack.make("untrust")


@pytest.fixture(scope="module")
def late(trusting: Machine) -> Mapping[str, int]:
    """Others, in their place."""
    end(trusting)
    return start(trusting)


def test_doctor_passes_and_says_since_when_each_has_been_running(
    trusting: Machine, early: Mapping[str, int]
) -> None:
    said = rows(trusting)
    for kind, pid in early.items():
        assert said[kind]["verdict"] == "pass"
        assert said[kind]["fix"] == "restart it"
        found = SINCE_BEFORE.search(said[kind]["why"])
        assert found, said[kind]
        assert kind in found[1]
        assert int(found[2]) == pid


def test_doctor_says_nothing_of_browsers_that_were_started_since(
    trusting: Machine, late: Mapping[str, int]
) -> None:
    for row in rows(trusting).values():
        assert row["verdict"] == "pass"
        assert row["why"] == row["fix"] == ""


def test_make_untrust_names_each_that_runs(trusting: Machine, late: Mapping[str, int]) -> None:
    said = trusting.make("untrust").stdout
    for kind, pid in late.items():
        assert re.search(rf"{kind}\S* \(pid {pid}\) is running", said), said
