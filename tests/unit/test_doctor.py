"""The proof: against which server, and what is said where a client fails."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

import pytest

from certs import authority as authorities
from certs import doctor, environment, mint, probe
from certs.authority import Authority
from certs.clients.base import ECHOED, IN_THE_ENVIRONMENT, Client, Proof, Target, Verdict, refused
from certs.commands import Runner
from certs.doctor import Check
from certs.hosts import Permitted
from certs.ledger import Ledger
from certs.settings import PageSettings
from certs.stores import base, find
from certs.stores.base import ABSENT, TRUSTED, Root, State
from stack import ready
from tests.support import certificates
from tests.support.ports import free_port

Answer = Callable[[Target, Runner], Proof]
NO = refused("unable to get local issuer", "make certs")


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

    def check(self, root: Root, _: Runner) -> State:
        if isinstance(self.has, Exception):
            raise self.has
        if isinstance(self.has, State):
            return self.has
        name = "ours" if root.path.name == mint.ROOT else "older"
        return TRUSTED if name in self.has.split() else ABSENT


class Machine:
    """With an authority, a leaf, and nothing of this machine's."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.settings = certificates.settings(folder)
        self.authority: Authority = mint.everything(self.settings, lambda _: None)
        self.root = Root.read(folder / "ca" / mint.ROOT)
        (folder / "public.pem").write_bytes(authorities.mint(Permitted(), "a").root_pem())
        (folder / "older.pem").write_bytes(authorities.mint(Permitted(), "old").root_pem())
        self.older = Ledger(folder / "ca").keep(Root.read(folder / "older.pem"))
        self.env = {"HOME": str(folder)}
        self.patch, self.port = patch, free_port()
        self.stack_is_at(self.port)
        self.stores: list[Store] = []
        patch.setattr(environment, "public", lambda *_: folder / "public.pem")
        patch.setattr(find, "find_all", lambda *_: self.stores)

    def stack_is_at(self, port: int) -> None:
        self.settings = replace(self.settings, page=PageSettings(https_port=port))

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
        ready.echo(("127.0.0.1", target.port), target.port, ready.context(self.root.path))
        return ECHOED

    def state(self) -> dict[Path, tuple[int, int]]:
        return {p: (p.stat().st_ino, p.stat().st_mtime_ns) for p in self.folder.rglob("*")}


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(tmp_path, monkeypatch)


LEAVES = {"ours": None, "damaged": b"garbage", "other": certificates.leaf_without_names()}


@pytest.mark.parametrize("leaf", LEAVES.values(), ids=LEAVES)
def test_where_the_stack_is_down_a_server_of_our_own_is_used_and_nothing_changed(
    machine: Machine, leaf: bytes | None
) -> None:
    if leaf:
        (machine.folder / "leaf" / mint.LEAF).write_bytes(leaf)
    before = machine.state()
    why = f"nothing listens on port {machine.port}; proving against a server with the same leaf"
    stack, client = machine.examine(Fake("curl", machine.echo))
    assert (stack, client.well) == (Check("the stack", Verdict.UNKNOWN, why, "make up"), True)
    assert machine.state() == before


def test_where_it_is_up_it_is_what_is_proven_but_to_browsers(machine: Machine) -> None:
    asked: list[Target] = []

    def answer(target: Target, runner: Runner) -> Proof:
        asked.append(target)
        return machine.echo(target, runner)

    clients = [Fake(kind, answer) for kind in ("curl", "chromium", "firefox")]
    with probe.serve(machine.folder / "leaf" / mint.LEAF) as up:
        machine.stack_is_at(up.target.port)
        rows = machine.examine(*clients)
    assert [row.well for row in rows] == [True] * 4
    seen = [(target.port == up.target.port, target.visit is not None) for target in asked]
    assert seen == [(True, False), (False, True), (False, True)]


def test_what_listens_with_another_leaf_is_not_the_stack(machine: Machine) -> None:
    path = machine.folder / "wrong.pem"
    path.write_bytes(certificates.leaf_without_names())
    with probe.serve(path) as wrong:
        machine.stack_is_at(wrong.target.port)
        stack, client = machine.examine(Fake("curl", machine.echo))
    assert (stack.well, client.well) == (None, True)
    assert f"no echo from wss://localhost:{wrong.target.port}/ws" in stack.why


OTHERS = {"SSL_CERT_FILE": "/other/ca.pem", "SSL_CERT_DIR": "/other dir"}
OVERRIDES = (
    "the environment overrides its store: SSL_CERT_FILE=/other/ca.pem, SSL_CERT_DIR=/other dir"
)
UNSET = f"unset SSL_CERT_FILE SSL_CERT_DIR, or: {IN_THE_ENVIRONMENT}"
OVERRIDDEN = (OVERRIDES, UNSET)
OVERRIDDEN_AND_ABSENT = (OVERRIDES, f"make certs; {UNSET}")
# No variable of `make env` undoes this one.
OPTIONS = {"JAVA_TOOL_OPTIONS": "-Djavax.net.ssl.trustStore=/k"}
BY_OPTIONS = (
    f"the environment overrides its store: JAVA_TOOL_OPTIONS={OPTIONS['JAVA_TOOL_OPTIONS']}"
)
ABSENT_HERE = ("the root is not in Java's", "make certs")
ANOTHER = ("another root of ours is in the store, not this one", "make certs")
LOCKED = ("the store: it is locked", NO.mend)
SHUT = State(base.Verdict.UNAVAILABLE, "no tool", "install it")
CANNOT = ("the store: no tool", "install it")
OWN_WORDS = (NO.why, NO.mend)
FULL, EMPTY, JAVA = Store("system", "ours"), Store("system"), Store("java", title="Java's")

# In the order in which they are looked for: each also has what comes later.
Case = tuple[str, list[Store], Mapping[str, str], tuple[str, str]]
DIAGNOSES: dict[str, Case] = {
    "overridden": ("openssl", [FULL], OTHERS, OVERRIDDEN),
    "overridden, and not in the store": ("openssl", [EMPTY], OTHERS, OVERRIDDEN_AND_ABSENT),
    "overridden by options": (
        *("java", [Store("java", "ours")], OPTIONS),
        (BY_OPTIONS, "unset JAVA_TOOL_OPTIONS"),
    ),
    "not in the store that Debian's Node reads": (
        *("node-openssl", [EMPTY], {}),
        ("the root is not in the store", "make certs"),
    ),
    "what overrides others": ("java", [JAVA], OTHERS, ABSENT_HERE),
    "not in this store, though in others": ("java", [FULL, JAVA], {}, ABSENT_HERE),
    "another root of ours": ("curl", [Store("system", "older")], {}, ANOTHER),
    "another root of ours beside it": ("curl", [Store("system", "ours older")], {}, OWN_WORDS),
    "an unreadable store": ("curl", [Store("system", OSError("it is locked"))], {}, LOCKED),
    "its own words": ("curl", [FULL, JAVA], {}, OWN_WORDS),
    "its own words, with a bundle of its own": ("node", [EMPTY], {}, OWN_WORDS),
    "a store that cannot be asked": ("curl", [Store("system", SHUT)], {}, CANNOT),
}


@pytest.mark.parametrize("case", DIAGNOSES.values(), ids=DIAGNOSES)
def test_a_failure_says_which_of_the_known_causes_it_is(machine: Machine, case: Case) -> None:
    kind, machine.stores, env, told = case
    machine.remember(EMPTY, machine.older)
    assert machine.check(Fake(kind), **env) == Check("Fake 1.0", Verdict.FAIL, *told)


def test_an_older_root_whose_copy_is_lost_stops_nothing(machine: Machine) -> None:
    machine.remember(EMPTY, machine.older)
    machine.older.path.unlink()
    machine.stores = [Store("system", "older")]
    row = machine.check(Fake("curl"))
    assert (row.why, row.mend) == ("the root is not in the store", "make certs")


def test_a_bundle_of_its_own_is_proven_without_and_with_make_env(machine: Machine) -> None:
    words = refused("unable to verify", IN_THE_ENVIRONMENT)

    def answer(_: Target, runner: Runner) -> Proof:
        if "NODE_EXTRA_CA_CERTS" not in runner.env:
            return words
        bundle = Path(runner.env["REQUESTS_CA_BUNDLE"]).read_text()
        assert machine.root.pem.strip() in bundle
        assert (machine.folder / "public.pem").read_text().strip() in bundle
        return ECHOED

    why = "with the variables of `make env`; without: unable to verify"
    passed = Check("Fake 1.0", Verdict.PASS, why, IN_THE_ENVIRONMENT)
    assert machine.check(Fake("node", answer)) == passed


def test_what_overrides_a_bundle_of_its_own_is_unset_before_make_env(machine: Machine) -> None:
    words = refused("it turns verification off", IN_THE_ENVIRONMENT)
    row = machine.check(Fake("node", lambda *_: words), NODE_TLS_REJECT_UNAUTHORIZED="0")
    assert row.mend == f"unset NODE_TLS_REJECT_UNAUTHORIZED; {IN_THE_ENVIRONMENT}"
