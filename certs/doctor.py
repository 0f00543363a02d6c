"""The proof: one real wss:// echo a client, and why it failed where it did."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from certs import environment, files, leaf, mint, probe, running, served
from certs.authority import Authority
from certs.clients import reads
from certs.clients.base import Client, Proof, Target, Verdict
from certs.commands import Runner
from certs.diagnosis import Diagnosis
from certs.environment import NoPublicRootsError
from certs.ledger import Ledger
from certs.settings import Settings
from certs.stores.base import Root


@dataclass(frozen=True)
class Check:
    """One row of the proof."""

    client: str
    verdict: Verdict
    why: str = ""
    mend: str = ""

    @property
    def well(self) -> bool | None:
        return {Verdict.PASS: True, Verdict.FAIL: False, Verdict.UNKNOWN: None}[self.verdict]


def examine(
    settings: Settings,
    env: Mapping[str, str],
    runner: Runner,
    found: Sequence[Client],
    authority: Authority,
    patience: float = 0.0,
) -> Generator[Check, None, None]:
    """A row for the stack, then one a client. Changes nothing.

    patience: as served.look has it. Raises OSError, LedgerError.
    """
    ledger = Ledger(settings.ca_home)
    root = Root.read(settings.ca_home / mint.ROOT)
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="wss-stack-")))
        diagnosis = Diagnosis(root, ledger, runner, _exports(env, folder, root))
        own, same = stack.enter_context(_own_server(settings, authority))
        there = served.look(settings, patience)
        target = Target(settings.page.https_port) if there.echoes else own.target
        which = "the same leaf" if same else "another leaf of this authority"
        instead = "" if there.echoes else f"proving against a server with {which}"
        why = "; ".join(filter(None, (there.why, instead)))
        yield Check("the stack", there.verdict, why, there.mend)
        for client in found:
            browser = client.kind in running.PROGRAMS
            against = own.target if browser else target
            proof = client.prove(against, runner)
            if proof.verdict is Verdict.FAIL:
                proof = diagnosis.explain(client, proof, against)
            elif browser:
                proof = _remembering(client, proof, root, ledger)
            yield Check(f"{client.name} {client.version}", proof.verdict, proof.why, proof.mend)


def _exports(env: Mapping[str, str], folder: Path, root: Root) -> Mapping[str, str]:
    """As `make env` would have it, but not there: this changes nothing."""
    try:
        return environment.prepare(env, folder, root)
    except NoPublicRootsError:
        return {}  # it says so itself, where a row says to type it


@contextlib.contextmanager
def _own_server(settings: Settings, authority: Authority) -> Iterator[tuple[probe.Probe, bool]]:
    """With the leaf that lies here, else one that is issued for this alone; which it is."""
    here = settings.leaf_dir / mint.LEAF
    with tempfile.TemporaryDirectory(prefix="wss-stack-") as folder:
        path = here
        try:
            stale = leaf.stale(here.read_bytes(), authority, settings.hosts.sans())
        except (OSError, ValueError):
            stale = "there is none"
        if stale:
            path = Path(folder) / mint.LEAF
            for name, sans in (
                (mint.LEAF, settings.hosts.sans()),
                (mint.LEAF_NAMES, settings.hosts.names),
            ):
                files.write(Path(folder) / name, leaf.issue(authority, sans), files.SECRET)
        with probe.serve(path) as server:
            yield server, not stale


def _remembering(client: Client, proof: Proof, root: Root, ledger: Ledger) -> Proof:
    """A browser that has been running since before may still think otherwise."""
    kind = reads.kind(client.kind)
    entries = [e for e in ledger if (e.kind, e.sha256) == (kind, root.sha256)]
    early = running.since_before(client.kind, entries)
    if proof.verdict is not Verdict.PASS or not early:
        return proof
    return Proof(
        Verdict.PASS,
        f"but one has been running since before the root was added: {early}",
        "restart it",
    )
