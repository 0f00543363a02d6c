"""The proof: one real wss:// echo for each client, with the reason if it failed."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Generator, Iterator, Mapping, Sequence
from pathlib import Path

from certs import ca_home, files, leaf, leaf_dir
from certs.authority import Authority, AuthorityError
from certs.errors import MintError
from certs.settings import Settings
from stack import own_served
from trust import bundle, resolver, rows
from trust.browsers import PROCESSES
from trust.bundle import NoPublicRootsError
from trust.clients import find
from trust.clients.base import Cause, Client, Proof, Target, Verdict
from trust.commands import Runner
from trust.proof import echo_server, open_browsers, stack_check, store_of_client
from trust.proof.diagnosis import Diagnosis
from trust.root import Root
from trust.rows import Check, NameCheck
from trust.session import Session
from trust.stores import hosts_file
from trust.stores.ledger import Ledger


def run(session: Session) -> int:
    """make doctor: the proof alone. Changes nothing."""
    home = session.settings.ca_home
    path = home / ca_home.AUTHORITY
    if not path.exists():
        raise MintError(f"there is no authority in {home} yet; make one: make certs")
    try:
        authority = ca_home.read_authority(home)
    except AuthorityError as error:
        raise MintError(f"{path}: {error}; to replace it: make certs") from error
    if not (home / ca_home.ROOT).exists():
        raise MintError(f"{home / ca_home.ROOT} is missing; to write it again: make certs")
    return rows.answer(session.quiet, [], prove(session, authority))


def prove(
    session: Session,
    authority: Authority,
    in_the_store: str = Cause.STORE.value,
    patience: float = 0.0,
) -> list[Check]:
    """in_the_store: the fix for a root that is missing from a store. patience: see
    stack_check.look."""
    found = find.find_all(session.env, session.runner, Path("/"))
    # Closed in any case, because Python waits for the threads of its servers. An exception
    # would keep the generator until Python ends, when the servers can no longer stop.
    with contextlib.closing(
        examine(
            session.settings,
            session.env,
            session.runner,
            found,
            authority,
            patience,
            in_the_store,
        )
    ) as checks:
        return rows.clients(session.console, checks)


def examine(
    settings: Settings,
    env: Mapping[str, str],
    runner: Runner,
    found: Sequence[Client],
    authority: Authority,
    patience: float = 0.0,
    in_the_store: str = Cause.STORE.value,
) -> Generator[Check, None, None]:
    """A row for the stack, one for each name that does not lead here, then one for each client.
    Changes nothing.

    patience: see stack_check.look. in_the_store: see prove. Raises OSError, LedgerError.
    """
    ledger = Ledger(settings.ca_home)
    root = Root.read(settings.ca_home / ca_home.ROOT)
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="wss-stack-")))
        older = [other for other in ledger.roots(folder) if other.sha256 != root.sha256]
        diagnosis = Diagnosis(root, older, runner, _exports(env, folder, root))
        own, same = stack.enter_context(_own_server(settings, authority))
        there = stack_check.look(settings, patience)
        target = Target(settings.endpoint.https_port) if there.echoes else own.target
        which = "the same leaf" if same else "another leaf of this authority"
        instead = "" if there.echoes else f"proving against a server with {which}"
        why = "; ".join(filter(None, (there.why, instead)))
        yield Check("the stack", there.verdict, why, there.fix)
        if own_row := own_served.look(settings):
            verdict = Verdict.FAIL if own_row.ok is False else Verdict.PASS
            yield Check(f"CERT {own_row.file}", verdict, own_row.text, own_row.fix)
        yield from _names(settings, root, in_the_store)
        for client in found:
            browser = client.kind in PROCESSES
            against = own.target if browser else target
            proof = client.prove(against, runner)
            if proof.verdict is Verdict.FAIL:
                proof = diagnosis.explain(client, proof, against)
            elif browser:
                proof = _remembering(client, proof, root, ledger, env)
            fix = in_the_store if proof.cause is Cause.STORE and proof.is_usual_fix else proof.fix
            yield Check(f"{client.name} {client.version}", proof.verdict, proof.why, fix)


def _names(settings: Settings, root: Root, in_the_store: str) -> Iterator[Check]:
    """A row for each name that does not lead here."""
    for name in resolver.look(settings):
        if name.leads_here:
            continue
        title, why, fix = f"the name {name.name}", name.why, in_the_store
        if hosts_file.has(name, root):
            why = f"{why}. Its line in /etc/hosts is not read (nsswitch.conf, a cache)"
            fix = f"getent ahosts {name.name}"
        yield NameCheck(title, Verdict.FAIL, why, fix)


def _exports(env: Mapping[str, str], folder: Path, root: Root) -> Mapping[str, str]:
    """The variables of `make env`, with a bundle in this folder: CA_HOME is not changed."""
    try:
        return bundle.prepare(env, folder, root)
    except NoPublicRootsError:
        return {}  # `make env` reports it when a row makes the user type it


@contextlib.contextmanager
def _own_server(
    settings: Settings, authority: Authority
) -> Iterator[tuple[echo_server.Probe, bool]]:
    """A test server, and whether it has the stack's leaf; else it has a new one."""
    here, hosts = settings.leaf_dir / leaf_dir.LEAF, settings.minted_hosts(authority.permitted)
    with tempfile.TemporaryDirectory(prefix="wss-stack-") as folder:
        path = here
        try:
            stale = leaf.stale(here.read_bytes(), authority, hosts.sans())
        except (OSError, ValueError):
            stale = "there is none"
        if stale:
            path = Path(folder) / leaf_dir.LEAF
            for name, sans in (
                (leaf_dir.LEAF, hosts.sans()),
                (leaf_dir.LEAF_NAMES, hosts.names),
            ):
                files.write(Path(folder) / name, leaf.issue(authority, sans), files.SECRET)
        with echo_server.serve(path) as server:
            yield server, not stale


def _remembering(
    client: Client, proof: Proof, root: Root, ledger: Ledger, env: Mapping[str, str]
) -> Proof:
    """Adds a note on a browser that runs since before the root was added: it may remember."""
    entries = [
        entry
        for entry in ledger
        if entry.sha256 == root.sha256 and store_of_client.reads(client, entry, env)
    ]
    early = open_browsers.since_before(client.kind, entries)
    if proof.verdict is not Verdict.PASS or not early:
        return proof
    return Proof(
        Verdict.PASS,
        f"but one has been running since before the root was added: {early}",
        "restart it",
    )
