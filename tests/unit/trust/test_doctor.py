"""The proof: against which server, and what is said where a client fails."""

from __future__ import annotations

from dataclasses import replace

import pytest

from certs import ca_home, leaf_dir
from certs.own_files import OwnFiles
from tests.support import certificates, doctoring
from tests.support.doctoring import Fake, ProvenHome
from tests.support.own_certificates import Company
from trust import cli, resolver
from trust.clients.base import Proof, Target, Verdict
from trust.commands import Runner
from trust.proof import echo_server
from trust.resolver import Name
from trust.rows import Check
from trust.stores import hosts_file

machine = doctoring.machine

SAME, ANOTHER_LEAF = "the same leaf", "another leaf of this authority"
LEAVES = {
    "ours": (None, SAME),
    "damaged": (b"garbage", ANOTHER_LEAF),
    "other": (certificates.leaf_without_names(), ANOTHER_LEAF),
}


@pytest.mark.parametrize(("leaf", "which"), LEAVES.values(), ids=LEAVES)
def test_doctor_takes_a_server_of_its_own_where_the_stack_is_down(
    machine: ProvenHome, leaf: bytes | None, which: str
) -> None:
    if leaf:
        (machine.folder / "leaf" / leaf_dir.LEAF).write_bytes(leaf)
    before = machine.state()
    why = f"nothing listens on port {machine.port}; proving against a server with {which}"
    stack, client = machine.examine(Fake("curl", machine.echo))
    assert (stack, client.ok) == (Check("the stack", Verdict.UNKNOWN, why, "make up"), True)
    assert machine.state() == before


def test_stack_that_is_up_is_what_all_but_browsers_are_proven_with(machine: ProvenHome) -> None:
    asked: list[Target] = []

    def answer(target: Target, runner: Runner) -> Proof:
        asked.append(target)
        return machine.echo(target, runner)

    clients = [Fake(kind, answer) for kind in ("curl", "chromium", "firefox")]
    with echo_server.serve(machine.folder / "leaf" / leaf_dir.LEAF) as up:
        machine.stack_is_at(up.target.port)
        rows = machine.examine(*clients)
    assert [row.ok for row in rows] == [True] * 4
    seen = [(target.port == up.target.port, target.visit is not None) for target in asked]
    assert seen == [(True, False), (False, True), (False, True)]


@pytest.mark.parametrize("wrong", [False, True], ids=["good", "not served"])
def test_cert_is_a_row_with_what_nginx_serves(machine: ProvenHome, wrong: bool) -> None:
    company = Company()
    files = company.issue("ws.example.com").write(machine.folder / "own")
    served = company.issue("ws.example.com", days=30).write(machine.folder / "served")
    both = b"".join(path.read_bytes() for path in (served if wrong else files))
    for name in (leaf_dir.LEAF, leaf_dir.LEAF_NAMES):
        (machine.folder / "served" / name).write_bytes(both)
    with echo_server.serve(machine.folder / "served" / leaf_dir.LEAF) as up:
        machine.stack_is_at(up.target.port)
        machine.settings = replace(machine.settings, own=OwnFiles(*files))
        row = machine.examine()[1]
    assert row.client == f"CERT {files[0]}"
    assert row.ok is not wrong
    days = f"ws.example.com; {29 if wrong else 59} days left"
    assert row.why == (f"nginx serves another one: {days}" if wrong else days)
    assert row.fix == ("make up" if wrong else "")


def test_cert_of_a_stack_that_is_down_has_its_days(machine: ProvenHome) -> None:
    files = Company().issue("ws.example.com").write(machine.folder / "own")
    machine.settings = replace(machine.settings, own=OwnFiles(*files))
    row = machine.examine()[1]
    assert row.ok
    assert row.why == "nothing listens, so nobody gets it: ws.example.com; 59 days left"
    files[1].unlink()
    assert not machine.examine()[1].ok


def test_clients_are_proven_though_the_stack_serves_what_nobody_accepts(
    machine: ProvenHome,
) -> None:
    path = machine.folder / "wrong.pem"
    path.write_bytes(certificates.leaf_without_names())
    with echo_server.serve(path) as wrong:
        machine.stack_is_at(wrong.target.port)
        stack, client = machine.examine(Fake("curl", machine.echo))
    assert (stack.ok, client.ok) == (False, True)
    assert "is not of this authority" in stack.why
    assert stack.why.endswith("; proving against a server with the same leaf")


BROKEN: dict[str, tuple[str, bytes | None, str]] = {
    "no authority": (
        ca_home.AUTHORITY,
        None,
        "there is no authority in {home} yet; make one: make certs",
    ),
    "damaged": (ca_home.AUTHORITY, b"garbage", "{path}: "),
    "no root beside it": (ca_home.ROOT, None, "{path} is missing; to write it again: make certs"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_doctor_without_an_authority_names_the_file_and_what_to_type(
    machine: ProvenHome, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file, data, said = BROKEN[name]
    path = machine.folder / "ca" / file
    if data:
        path.write_bytes(data)
    else:
        path.unlink()
    for variable, value in certificates.environment(machine.folder).items():
        machine.patch.setenv(variable, value)
    assert cli.main(["doctor"]) == 1
    told = capsys.readouterr().err
    assert said.format(home=path.parent, path=path) in told
    assert told.endswith(": make certs\n")


def look(machine: ProvenHome, *names: Name) -> list[Check]:
    machine.patch.setattr(resolver, "look", lambda _: list(names))
    stack, *rows = machine.examine(Fake("curl", machine.echo))
    assert stack.client == "the stack"
    return rows


def test_name_that_does_not_lead_here_is_a_row_with_the_command(machine: ProvenHome) -> None:
    rows = look(
        machine,
        Name("api.test", "127.0.0.1", (), leads_here=False),
        Name("here.test", "127.0.0.1", ("127.0.0.1",), leads_here=True),
        Name("far.test", "127.0.0.1", ("10.0.0.5",), leads_here=False),
    )
    assert [(row.client, row.ok, row.fix) for row in rows] == [
        ("the name api.test", False, "make certs"),
        ("the name far.test", False, "make certs"),
        ("Fake 1.0", True, ""),
    ]
    assert rows[1].why == "it leads to 10.0.0.5; the stack is at 127.0.0.1"


def test_line_that_is_not_read_is_not_written_again(
    machine: ProvenHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hosts_file, "has", lambda name, root: root == machine.root)
    row, _ = look(machine, Name("api.test", "127.0.0.1", (), leads_here=False))
    assert "Its line in /etc/hosts is not read" in row.why
    assert row.fix == "getent ahosts api.test"
