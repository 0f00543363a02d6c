"""Finds out why a client fails: retries it with one thing changed, and looks into its stores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from trust.browsers import PROCESSES
from trust.clients.base import Cause, Client, Proof, Target, Verdict
from trust.commands import CommandError, Runner
from trust.proof import overrides, store_of_client
from trust.root import Root
from trust.stores import base, find


class Diagnosis:
    """older: other roots of this project that the ledger has. runner: the one that ran the
    client. exports: the variables of `make env`; empty if there is no bundle."""

    def __init__(
        self, root: Root, older: Sequence[Root], runner: Runner, exports: Mapping[str, str]
    ) -> None:
        self._root = root
        self._older = older
        self._runner = runner
        self._exports = exports

    def explain(self, client: Client, proof: Proof, target: Target) -> Proof:
        """The Proof with the known cause of a FAIL, else with the client's own words.

        NEEDS_ENV for a client that passes with the variables of `make env`.
        """
        if proof.cause is Cause.NOT_TRUST:
            return proof  # the client trusts the root; another thing failed
        browser = client.kind in PROCESSES
        env = self._runner.env
        proxies = {} if browser else overrides.proxies(env)
        if proxies:
            env = {name: value for name, value in env.items() if name not in proxies}
            again = client.prove(target, Runner(env, interactive=False))
            if again.verdict is Verdict.PASS:
                why = f"the environment sends this client through a proxy: {_named(proxies)}"
                return Proof(Verdict.FAIL, why, overrides.NO_PROXY)
            if again.verdict is Verdict.FAIL:
                proof = again  # an error of the proxy says nothing about trust
        overriding = overrides.find(env, client.kind, self._root)
        inside = self._in_its_stores(client, proof)
        bundled = proof.cause is Cause.BUNDLE
        if bundled or not (browser or overriding or inside):
            # Keep the proxy variables in this second try: the user's shell has them as well.
            shell = {**self._runner.env, **self._exports}
            again = client.prove(target, Runner(shell, interactive=False))
            if again.verdict is Verdict.PASS:
                why = f"passes with the variables of `make env`; without: {proof.why}"
                return Proof(Verdict.NEEDS_ENV, why, Cause.BUNDLE.value)
        if overriding:
            return _overridden(proof, inside, overriding)
        return inside or proof

    def _in_its_stores(self, client: Client, proof: Proof) -> Proof | None:
        """The Proof with a fault in the stores that the client reads; None if there is none."""
        runner = self._runner
        for store in find.find_all(runner.env, runner):
            if not store_of_client.reads(client, store, runner.env):
                continue
            try:
                state = store.state(self._root, runner)
                if state == base.TRUSTED:
                    continue
                if state.why and state.presence is not base.Presence.ABSENT:
                    why = f"{store.title}: {state.why}"
                    return Proof(Verdict.FAIL, why, state.fix or proof.fix)
                another = any(
                    store.state(older, runner).presence is base.Presence.TRUSTED
                    for older in self._older
                )
            except (CommandError, OSError) as error:
                return Proof(Verdict.FAIL, f"{store.title}: {error}", proof.fix)
            why = f"the root is not in {store.title}"
            if another:
                why = f"another root of this project is in {store.title}, not this one"
            return Proof(Verdict.FAIL, why, Cause.STORE.value, Cause.STORE)
        return None


def _overridden(proof: Proof, inside: Proof | None, overriding: Mapping[str, str]) -> Proof:
    fix = f"unset {' '.join(overriding)}"
    if proof.cause is Cause.BUNDLE:  # `make env` was tried, with these variables set
        fix = f"{fix}; {Cause.BUNDLE.value}"
    elif overrides.undone(overriding):
        fix = Cause.BUNDLE.value
    if inside and inside.fix:
        fix = f"{inside.fix}; {fix}"
    return Proof(Verdict.FAIL, f"the environment overrides its store: {_named(overriding)}", fix)


def _named(variables: Mapping[str, str]) -> str:
    return ", ".join(f"{name}={value}" for name, value in variables.items())
