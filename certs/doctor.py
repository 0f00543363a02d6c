"""The proof: one real wss:// echo a client, and why it failed where it did."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psutil

from certs import environment, files, leaf, mint, probe
from certs.authority import Authority
from certs.clients import reads
from certs.clients.base import (
    IN_THE_ENVIRONMENT,
    IN_THE_STORE,
    Client,
    Proof,
    Target,
    Verdict,
)
from certs.commands import CommandError, Runner
from certs.ledger import Entry, Ledger
from certs.settings import Settings
from certs.stores import base, find
from certs.stores.base import Root
from stack import ready

_PROGRAMS = {
    "chromium": ("chromium", "chrome", "brave", "msedge"),
    "firefox": ("firefox",),
}


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
) -> Generator[Check, None, None]:
    """A row for the stack, then one a client. Changes nothing.

    Raises OSError, LedgerError, NoPublicRootsError.
    """
    ledger = Ledger(settings.ca_home)
    root = Root.read(settings.ca_home / mint.ROOT)
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="wss-stack-")))
        # As `make env` would have it, but not there: this changes nothing.
        exports = environment.prepare(env, folder, root)
        own = stack.enter_context(_own_server(settings, authority))
        port = settings.page.https_port
        down = _stack_is_down(settings, port)
        target = own.target if down else Target(port)
        yield Check(
            "the stack",
            Verdict.UNKNOWN if down else Verdict.PASS,
            f"{down}; proving against a server with the same leaf" if down else "",
            "make up" if down else "",
        )
        for client in found:
            browser = client.kind in _PROGRAMS
            proof = client.prove(own.target if browser else target, runner)
            if proof.verdict is Verdict.FAIL and proof.mend == IN_THE_ENVIRONMENT:
                with_env = Runner({**runner.env, **exports}, interactive=False)
                again = client.prove(target, with_env)
                if again.verdict is Verdict.PASS:
                    why = f"with the variables of `make env`; without: {proof.why}"
                    proof = Proof(Verdict.PASS, why, IN_THE_ENVIRONMENT)
            if proof.verdict is Verdict.FAIL:
                proof = _diagnose(client, proof, root, ledger, env, runner)
            elif browser:
                proof = _remembering(client, proof, root, ledger)
            yield Check(f"{client.name} {client.version}", proof.verdict, proof.why, proof.mend)


@contextlib.contextmanager
def _own_server(settings: Settings, authority: Authority) -> Iterator[probe.Probe]:
    """With the leaf that lies here, else one that is issued for this alone."""
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
            yield server


def _stack_is_down(settings: Settings, port: int) -> str | None:
    """Why the stack cannot be proven against; None when it can.

    It is asked as a client that trusts the root alone: what fails here has
    nothing to do with any store.
    """
    try:
        tls = ready.context(settings.ca_home / mint.ROOT)
        ready.echo(("127.0.0.1", port), port, tls)
    except ConnectionRefusedError:
        return f"nothing listens on port {port}"
    except OSError as error:
        return f"no echo from wss://localhost:{port}/ws ({error})"
    return None


def _diagnose(
    client: Client,
    proof: Proof,
    root: Root,
    ledger: Ledger,
    env: Mapping[str, str],
    runner: Runner,
) -> Proof:
    """Says which of the known causes it is; the client's own words otherwise."""
    overrides = environment.overrides(env, client.kind)
    inside = _in_its_stores(client, proof, root, ledger, env, runner)
    if not overrides:
        return inside or proof
    named = ", ".join(f"{name}={value}" for name, value in overrides.items())
    mend = f"unset {' '.join(overrides)}"
    if proof.mend == IN_THE_ENVIRONMENT:  # which was tried, with these set
        mend = f"{mend}; {IN_THE_ENVIRONMENT}"
    else:
        if inside and inside.mend:
            mend = f"{inside.mend}; {mend}"
        if environment.helps(overrides):
            mend = f"{mend}, or: {IN_THE_ENVIRONMENT}"
    return Proof(Verdict.FAIL, f"the environment overrides its store: {named}", mend)


def _in_its_stores(
    client: Client,
    proof: Proof,
    root: Root,
    ledger: Ledger,
    env: Mapping[str, str],
    runner: Runner,
) -> Proof | None:
    """What is wrong in the stores that it reads; None: nothing, or it reads none."""
    older = [other for other in ledger.roots() if other.sha256 != root.sha256]
    kind = reads.kind(client.kind)
    for store in (store for store in find.find_all(env, runner) if store.kind == kind):
        try:
            state = store.check(root, runner)
            if state.verdict is base.Verdict.TRUSTED:
                continue
            if state.verdict is base.Verdict.UNAVAILABLE:
                why = f"{store.title}: {state.why}"
                return Proof(Verdict.FAIL, why, state.mend or proof.mend)
            if any(store.check(o, runner).verdict is base.Verdict.TRUSTED for o in older):
                why = f"another root of ours is in {store.title}, not this one"
            else:
                why = f"the root is not in {store.title}"
        except (CommandError, OSError) as error:
            return Proof(Verdict.FAIL, f"{store.title}: {error}", proof.mend)
        return Proof(Verdict.FAIL, why, IN_THE_STORE)
    return None


def _remembering(client: Client, proof: Proof, root: Root, ledger: Ledger) -> Proof:
    """A browser that has been running since before may still think otherwise."""
    kind = reads.kind(client.kind)
    entries = [e for e in ledger if (e.kind, e.sha256) == (kind, root.sha256)]
    running = running_since_before(client.kind, entries)
    if proof.verdict is not Verdict.PASS or not running:
        return proof
    return Proof(
        Verdict.PASS,
        f"but one has been running since before the root was added: {running}",
        "restart it",
    )


def running_since_before(kind: str, entries: Sequence[Entry]) -> str | None:
    """Name and pid of such a browser, the oldest of its processes."""
    if not entries:
        return None
    added = max(datetime.fromisoformat(entry.when) for entry in entries)
    for process in _running(kind):
        with contextlib.suppress(psutil.Error):
            if datetime.fromtimestamp(process.create_time(), UTC) < added:
                return f"{process.name()} (pid {process.pid})"
    return None


def running_browsers() -> list[str]:
    """Name and pid of each browser that runs, its first process."""
    found = []
    for kind in _PROGRAMS:
        first = next(iter(_running(kind)), None)
        if first:
            found.append(f"{first.name()} (pid {first.pid}) is running.")
    return found


def _running(kind: str) -> list[psutil.Process]:
    """The user's, oldest first."""
    mine = psutil.Process().uids().effective
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            name = process.name().lower()
            # Every Electron program has a crashpad of Chrome's.
            named = any(word in name for word in _PROGRAMS[kind]) and "crashpad" not in name
            if named and process.uids().effective == mine:
                found.append((process.create_time(), process.pid, process))
    return [process for _, _, process in sorted(found, key=lambda item: item[:2])]
