"""A machine with stores and clients that are fakes, for the proof."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from certs import authority as authorities
from certs import mint
from certs.authority import Authority
from certs.endpoint import Endpoint
from certs.permitted import Permitted
from stack import asking
from tests.support import certificates
from tests.support.trusted_home import TrustedHome
from trust.clients.base import PROVEN_BY_ECHO, Cause, Client, Proof, Target, refused
from trust.commands import Runner
from trust.proof import doctor
from trust.root import Root
from trust.rows import Check
from trust.stores.base import Store

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


class ProvenHome(TrustedHome):
    """With an authority, a leaf, and another root that it had before."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        super().__init__(folder, patch)
        self.settings = certificates.settings(folder)
        self.authority: Authority = mint.ensure(self.settings)
        (folder / "older.pem").write_bytes(authorities.mint(Permitted(), "old").root_pem())
        self.older = Root.read(folder / "older.pem")
        self.env = {"HOME": str(folder)}
        self.stack_is_at(self.port)

    def stack_is_at(self, port: int) -> None:
        self.settings = replace(self.settings, endpoint=Endpoint(https_port=port))

    def remember(self, store: Store, root: Root) -> None:
        self.ledger.add(store, root)

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
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ProvenHome:
    return ProvenHome(tmp_path, monkeypatch)
