"""Why a client fails: which of the known causes it is, by trying and by looking."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import repeat
from pathlib import Path

import pytest

from tests.support import doctoring
from tests.support.doctoring import NO, Answer, Fake, ProvenHome
from tests.support.fake_store import FakeStore
from trust import bundle as environment
from trust.bundle import NoPublicRootsError
from trust.clients.base import PROVEN_BY_ECHO, Cause, Proof, Target, Verdict, refused
from trust.commands import Runner
from trust.proof import overrides
from trust.rows import Check
from trust.stores import base
from trust.stores.base import State

machine = doctoring.machine

OTHERS = {"SSL_CERT_FILE": "/other/ca.pem", "SSL_CERT_DIR": "/other dir"}
OVERRIDES = (
    "the environment overrides its store: SSL_CERT_FILE=/other/ca.pem, SSL_CERT_DIR=/other dir"
)
OVERRIDDEN = (OVERRIDES, Cause.BUNDLE.value)
OVERRIDDEN_AND_ABSENT = (OVERRIDES, f"make certs; {Cause.BUNDLE.value}")
# No variable of `make env` undoes this one.
OPTIONS = {"JAVA_TOOL_OPTIONS": "-Djavax.net.ssl.trustStore=/k"}
BY_OPTIONS = (
    f"the environment overrides its store: JAVA_TOOL_OPTIONS={OPTIONS['JAVA_TOOL_OPTIONS']}"
)
ABSENT_HERE = ("the root is not in Java's", "make certs")
ANOTHER = ("another root of this project is in the store, not this one", "make certs")
LOCKED = ("the store: it is locked", NO.fix)
SHUT = State(base.Presence.UNAVAILABLE, "no tool", "install it")
CANNOT = ("the store: no tool", "install it")
OWN_WORDS = (NO.why, NO.fix)


def store(kind: str, has: str = "", title: str = "the store") -> FakeStore:
    return FakeStore(title=title, kind=kind, has=has)


def saying(answer: State | Exception) -> FakeStore:
    return FakeStore(title="the store", kind="system", says=repeat(answer))


FULL, EMPTY, JAVA = store("system", "ours"), store("system"), store("java", title="Java's")

# In the order in which they are looked for: each also has what comes later.
Case = tuple[str, list[FakeStore], Mapping[str, str], tuple[str, str]]
DIAGNOSES: dict[str, Case] = {
    "overridden": ("openssl", [FULL], OTHERS, OVERRIDDEN),
    "overridden, and not in the store": ("openssl", [EMPTY], OTHERS, OVERRIDDEN_AND_ABSENT),
    "overridden by options": (
        *("java", [store("java", "ours")], OPTIONS),
        (BY_OPTIONS, "unset JAVA_TOOL_OPTIONS"),
    ),
    "not in the store that Debian's Node reads": (
        *("node-openssl", [EMPTY], {}),
        ("the root is not in the store", "make certs"),
    ),
    "what overrides others": ("java", [JAVA], OTHERS, ABSENT_HERE),
    "not in this store, though in others": ("java", [FULL, JAVA], {}, ABSENT_HERE),
    "another root of ours": ("curl", [store("system", "older")], {}, ANOTHER),
    "another root of ours beside it": ("curl", [store("system", "ours older")], {}, OWN_WORDS),
    "an unreadable store": ("curl", [saying(OSError("it is locked"))], {}, LOCKED),
    "its own words": ("curl", [FULL, JAVA], {}, OWN_WORDS),
    "its own words, with a bundle of its own": ("node", [EMPTY], {}, OWN_WORDS),
    "a store that cannot be asked": ("curl", [saying(SHUT)], {}, CANNOT),
}


@pytest.mark.parametrize("case", DIAGNOSES.values(), ids=DIAGNOSES)
def test_a_failure_says_which_of_the_known_causes_it_is(machine: ProvenHome, case: Case) -> None:
    kind, machine.stores, env, told = case
    machine.remember(EMPTY, machine.older)
    assert machine.check(Fake(kind), **env) == Check("Fake 1.0", Verdict.FAIL, *told)


def test_an_older_root_whose_file_is_gone_is_still_known(machine: ProvenHome) -> None:
    machine.remember(EMPTY, machine.older)
    machine.older.path.unlink()
    machine.stores = [store("system", "older")]
    row = machine.check(Fake("curl"))
    why = "another root of this project is in the store, not this one"
    assert (row.why, row.fix) == (why, "make certs")


def test_client_with_its_own_bundle_is_proven_without_and_with_make_env(
    machine: ProvenHome,
) -> None:
    words = refused("unable to verify", Cause.BUNDLE)

    def answer(_: Target, runner: Runner) -> Proof:
        if "NODE_EXTRA_CA_CERTS" not in runner.env:
            return words
        bundle = Path(runner.env["REQUESTS_CA_BUNDLE"]).read_text()
        assert machine.root.pem.strip() in bundle
        assert (machine.folder / "public.pem").read_text().strip() in bundle
        return PROVEN_BY_ECHO

    why = "passes with the variables of `make env`; without: unable to verify"
    passed = Check("Fake 1.0", Verdict.NEEDS_ENV, why, Cause.BUNDLE.value)
    assert machine.check(Fake("node", answer)) == passed


def test_variable_that_overrides_a_clients_bundle_is_unset_before_make_env(
    machine: ProvenHome,
) -> None:
    words = refused("it turns verification off", Cause.BUNDLE)
    row = machine.check(Fake("node", lambda *_: words), NODE_TLS_REJECT_UNAUTHORIZED="0")
    assert row.fix == f"unset NODE_TLS_REJECT_UNAUTHORIZED; {Cause.BUNDLE.value}"


def test_client_that_passes_with_make_env_alone_is_told_so(machine: ProvenHome) -> None:
    """Another curl than the system's, say, with a bundle of its own: its store has the root."""
    machine.stores = [FULL]

    def answer(_: Target, runner: Runner) -> Proof:
        return PROVEN_BY_ECHO if "CURL_CA_BUNDLE" in runner.env else NO

    why = f"passes with the variables of `make env`; without: {NO.why}"
    passed = Check("Fake 1.0", Verdict.NEEDS_ENV, why, Cause.BUNDLE.value)
    assert machine.check(Fake("curl", answer)) == passed


def test_a_failure_in_a_shell_of_make_env_is_not_laid_to_its_variables(machine: ProvenHome) -> None:
    machine.stores = [EMPTY]
    env = environment.prepare(machine.env, machine.folder / "ca", machine.root)
    row = machine.check(Fake("curl"), **env)
    assert (row.why, row.fix) == ("the root is not in the store", "make certs")


def test_failure_after_the_verification_is_not_laid_to_the_environment(machine: ProvenHome) -> None:
    answered = refused("verified, but the answer was HTTP/1.1 404", Cause.NOT_TRUST)
    row = machine.check(Fake("curl", lambda *_: answered), **OTHERS)
    assert (row.verdict, row.why, row.fix) == (Verdict.FAIL, answered.why, "make logs")


def behind_a_proxy(trusts: bool) -> Answer:
    def answer(_: Target, runner: Runner) -> Proof:
        if "https_proxy" in runner.env:
            return refused("Failed to connect to proxy.example port 3128", Cause.STORE)
        return PROVEN_BY_ECHO if trusts else NO

    return answer


PROXY = {"https_proxy": "http://ada:secret@proxy.example:3128"}


def test_a_proxy_that_stands_between_is_named_without_its_password(machine: ProvenHome) -> None:
    row = machine.check(Fake("curl", behind_a_proxy(trusts=True)), **PROXY)
    why = "the environment sends this client through a proxy: https_proxy=http://proxy.example:3128"
    assert row == Check("Fake 1.0", Verdict.FAIL, why, overrides.NO_PROXY)


def test_client_behind_a_proxy_is_told_what_the_store_lacks(machine: ProvenHome) -> None:
    machine.stores = [EMPTY]
    row = machine.check(Fake("curl", behind_a_proxy(trusts=False)), **PROXY)
    assert (row.why, row.fix) == ("the root is not in the store", "make certs")


def test_client_behind_a_proxy_does_not_pass_by_make_env_alone(machine: ProvenHome) -> None:
    """It would be one in no shell of the user's."""
    words = refused("unable to verify", Cause.BUNDLE)

    def answer(_: Target, runner: Runner) -> Proof:
        if "https_proxy" in runner.env:
            return refused("ProxyError", Cause.BUNDLE)
        return PROVEN_BY_ECHO if "REQUESTS_CA_BUNDLE" in runner.env else words

    row = machine.check(Fake("requests", answer), **PROXY)
    assert row == Check("Fake 1.0", Verdict.FAIL, words.why, Cause.BUNDLE.value)
    # Then, in that shell, the proxy is what is left.
    bundle = {"REQUESTS_CA_BUNDLE": str(machine.root.path)}
    assert machine.check(Fake("requests", answer), **PROXY, **bundle).fix == overrides.NO_PROXY


def test_clients_are_proven_where_no_public_roots_are_found(machine: ProvenHome) -> None:
    def none(*_: object) -> Path:
        raise NoPublicRootsError("no bundle")

    machine.patch.setattr(environment, "public", none)
    assert machine.check(Fake("curl", machine.echo)).ok
    words = refused("unable to verify", Cause.BUNDLE)
    assert machine.check(Fake("node", lambda *_: words)).fix == Cause.BUNDLE.value


def test_a_named_file_that_may_not_be_read_stops_nothing(machine: ProvenHome) -> None:
    secret = machine.folder / "secret.pem"
    secret.write_text(machine.root.pem)
    read = Path.read_text

    def denied(path: Path, *arguments: str, **options: str) -> str:
        if path == secret:
            raise PermissionError(13, "Permission denied", str(path))
        return read(path, *arguments, **options)

    machine.patch.setattr(Path, "read_text", denied)
    row = machine.check(Fake("requests", machine.echo), REQUESTS_CA_BUNDLE=str(secret))
    assert row.ok
