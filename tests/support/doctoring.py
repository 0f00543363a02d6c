"""A machine with stores and clients that are fakes, for the proof."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

import pytest

from certs import authority as authorities
from certs import ca_home, mint
from certs.authority import Authority
from certs.endpoint import Endpoint
from certs.permitted import Permitted
from stack import asking
from tests.support import certificates
from tests.support.ports import free_port
from trust import bundle, resolver
from trust.clients.base import PROVEN_BY_ECHO, Cause, Client, Proof, Target, refused
from trust.commands import Runner
from trust.proof import doctor
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
        self.authority: Authority = mint.ensure(self.settings)
        self.root = Root.read(folder / "ca" / ca_home.ROOT)
        (folder / "public.pem").write_bytes(authorities.mint(Permitted(), "a").root_pem())
        (folder / "older.pem").write_bytes(authorities.mint(Permitted(), "old").root_pem())
        self.older = Root.read(folder / "older.pem")
        self.env = {"HOME": str(folder)}
        self.patch, self.port = patch, free_port()
        self.stack_is_at(self.port)
        self.stores: list[Store] = []
        patch.setattr(bundle, "public", lambda *_: folder / "public.pem")
        patch.setattr(find, "find_all", lambda *_: self.stores)
        patch.setattr(resolver, "_resolve", lambda names: [("127.0.0.1",)] * len(names))

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
