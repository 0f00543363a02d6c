"""The proof: against which server, and what is said where a client fails."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

import pytest

from certs import authority as authorities
from certs import ca_home, leaf_dir, mint
from certs.authority import Authority
from certs.endpoint import Endpoint
from certs.permitted import Permitted
from stack import asking
from tests.support import certificates
from tests.support.ports import free_port
from trust import bundle, cli
from trust.clients.base import PROVEN_BY_ECHO, Cause, Client, Proof, Target, Verdict, refused
from trust.commands import Runner
from trust.proof import doctor, echo_server
from trust.root import Root
from trust.rows import Check
from trust.stores import base, find
from trust.stores.base import ABSENT, TRUSTED, State
from trust.stores.ledger import Ledger

Answer = Callable[[Target, Runner], Proof]
NO = refused("unable to get local issuer", Cause.STORE)


@dataclass(frozen=True)
class Fake:
    """A client that answers as it is told."""

    kind: str
    answer: Answer = lambda _target, _runner: NO
    name: str = "Fake"
    version: str = "1.0"

    def prove(self, target: Target, runner: Runner) -> Proof:
        return self.answer(target, runner)


@dataclass(frozen=True)
class Store:
    """has: "ours" and "older", the roots that it trusts; or what it answers instead."""

    kind: str
    has: str | State | Exception = ""
    place: str = "/a/store"
    title: str = "the store"

    def state(self, root: Root, _: Runner) -> State:
        if isinstance(self.has, Exception):
            raise self.has
        if isinstance(self.has, State):
            return self.has
        name = "ours" if root.path.name == ca_home.ROOT else "older"
        return TRUSTED if name in self.has.split() else ABSENT


class Machine:
    """With an authority, a leaf, and nothing of this machine's."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.settings = certificates.settings(folder)
        self.authority: Authority = mint.ensure(self.settings, lambda _: None)
        self.root = Root.read(folder / "ca" / ca_home.ROOT)
        (folder / "public.pem").write_bytes(authorities.mint(Permitted(), "a").root_pem())
        (folder / "older.pem").write_bytes(authorities.mint(Permitted(), "old").root_pem())
        self.older = Ledger(folder / "ca").keep(Root.read(folder / "older.pem"))
        self.env = {"HOME": str(folder)}
        self.patch, self.port = patch, free_port()
        self.stack_is_at(self.port)
        self.stores: list[Store] = []
        patch.setattr(bundle, "public", lambda *_: folder / "public.pem")
        patch.setattr(find, "find_all", lambda *_: self.stores)

    def stack_is_at(self, port: int) -> None:
        self.settings = replace(self.settings, endpoint=Endpoint(https_port=port))

    def remember(self, store: Store, root: Root) -> None:
        Ledger(self.folder / "ca").add(cast(base.Store, store), root)

    def examine(self, *clients: Client, **env: str) -> list[Check]:
        env = {**self.env, **env}
        runner = Runner(env, interactive=False)
        return list(doctor.examine(self.settings, env, runner, clients, self.authority))

    def check(self, client: Client, **env: str) -> Check:
        return self.examine(client, **env)[1]

    def echo(self, target: Target, _: Runner) -> Proof:
        """As a client that trusts the root alone."""
        asking.echo(("127.0.0.1", target.port), target.port, asking.context(self.root.path))
        return PROVEN_BY_ECHO

    def state(self) -> dict[Path, tuple[int, int]]:
        return {p: (p.stat().st_ino, p.stat().st_mtime_ns) for p in self.folder.rglob("*")}


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(tmp_path, monkeypatch)


SAME, ANOTHER_LEAF = "the same leaf", "another leaf of this authority"
LEAVES = {
    "ours": (None, SAME),
    "damaged": (b"garbage", ANOTHER_LEAF),
    "other": (certificates.leaf_without_names(), ANOTHER_LEAF),
}


@pytest.mark.parametrize(("leaf", "which"), LEAVES.values(), ids=LEAVES)
def test_where_the_stack_is_down_a_server_of_our_own_is_used_and_nothing_changed(
    machine: Machine, leaf: bytes | None, which: str
) -> None:
    if leaf:
        (machine.folder / "leaf" / leaf_dir.LEAF).write_bytes(leaf)
    before = machine.state()
    why = f"nothing listens on port {machine.port}; proving against a server with {which}"
    stack, client = machine.examine(Fake("curl", machine.echo))
    assert (stack, client.ok) == (Check("the stack", Verdict.UNKNOWN, why, "make up"), True)
    assert machine.state() == before


def test_where_it_is_up_it_is_what_is_proven_but_to_browsers(machine: Machine) -> None:
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


def test_where_it_serves_what_nobody_can_accept_clients_are_proven_all_the_same(
    machine: Machine,
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
def test_without_an_authority_doctor_names_the_file_and_what_to_type(
    machine: Machine, name: str, capsys: pytest.CaptureFixture[str]
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
