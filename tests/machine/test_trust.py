"""make certs: every client on the machine trusts the root, lastingly, for what it may sign.

One story, in the order of this file; its first line is test_machine's: each client refuses.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator, Mapping

import pytest

from tests.support.clients_in_machine import (
    ALL,
    BUNDLED,
    CLIENTS,
    NONE,
    WITH_PUBLISHED,
    accepting,
)
from tests.support.machine import CA_HOME, HOME, INSIDE, SECOND_PORTS, TREE, Machine, Snapshot
from tests.support.misissued_in_machine import serving
from tests.support.waiting import until

Row = Mapping[str, str]
ROWS = ("curl", "wget", "openssl", "python", "node", "java", "chromium", "firefox")

COMMANDS = {
    "system": "sudo install ",
    "Chromium": "(mkdir|certutil) ",
    "Firefox": "certutil -A ",
    "Java": "sudo cp -p .*\n    .*sudo .*/keytool .* -importcert ",
}


@pytest.fixture(scope="module")
def before(stack: Machine) -> Snapshot:
    return stack.snapshot()


@pytest.fixture(scope="module")
def certs(stack: Machine, before: Snapshot) -> Iterator[subprocess.CompletedProcess[str]]:
    """The first `make certs` on this machine."""
    yield stack.make("certs", check=False)
    stack.make("untrust", check=False)


@pytest.fixture(scope="module")
def after(stack: Machine, certs: subprocess.CompletedProcess[str]) -> Snapshot:
    return stack.snapshot()


@pytest.fixture
def trusting(stack: Machine, after: Snapshot) -> Machine:
    return stack


@pytest.fixture(scope="module")
def doctor(stack: Machine, after: Snapshot) -> Mapping[str, Row]:
    """Each client's row, where those that bring a bundle of their own are on PATH."""
    told = stack.run(".venv/bin/python", "-m", "trust", "doctor", "--json", env=WITH_PUBLISHED)
    return {row["client"]: row for row in json.loads(told.stdout)["clients"]}


@pytest.fixture(scope="module")
def misissued(stack: Machine, after: Snapshot) -> Iterator[Mapping[str, str]]:
    with serving(stack, f"{CA_HOME}/authority.pem") as targets:
        yield targets


def test_a_dry_run_without_an_authority_shows_each_command_and_makes_nothing(
    stack: Machine, before: Snapshot
) -> None:
    nowhere = f"{HOME}/not-made-yet"
    said = stack.run("make", "certs", env={"DRY_RUN": "1", "CA_HOME": nowhere}).stdout
    for store, command in COMMANDS.items():
        assert re.search(rf"^store: {store}.*: would run\n    .*{command}", said, re.MULTILINE), (
            said
        )
    stack.run("test", "!", "-e", nowhere)
    assert stack.snapshot().changes(before) == []


def test_make_certs_exits_0_with_a_row_a_client(
    certs: subprocess.CompletedProcess[str],
) -> None:
    assert certs.returncode == 0, certs.stdout + certs.stderr
    lines = [line.lower() for line in certs.stdout.splitlines()]
    for client in ROWS:
        assert [line for line in lines if client in line and "pass" in line], certs.stdout


@pytest.mark.parametrize("client", CLIENTS)
def test_client_accepts_the_stack(trusting: Machine, client: str) -> None:
    answer = CLIENTS[client](trusting, "localhost:8443")["localhost:8443"]
    assert answer.accepted, answer.words


def test_every_kind_of_store_has_this_root_and_nothing_else_new(
    trusting: Machine, before: Snapshot, after: Snapshot
) -> None:
    new = after.certificates - before.certificates
    assert {fingerprint for _, _, _, fingerprint in new} == {trusting.root()}
    assert not before.certificates - after.certificates
    stores = " ".join(store for store, _, _, _ in new)
    for part in ("ca-certificates.crt", "pki/nssdb", "mozilla/firefox", "java/cacerts"):
        assert part in stores


@pytest.mark.parametrize("client", CLIENTS)
def test_client_refuses_what_the_authority_may_not_sign(
    trusting: Machine, misissued: Mapping[str, str], client: str
) -> None:
    answers = CLIENTS[client](trusting, *misissued.values())
    accepted = {name for name, target in misissued.items() if answers[target].accepted}
    assert accepted == {"good"}


def test_make_certs_again_changes_nothing(trusting: Machine, after: Snapshot) -> None:
    assert trusting.make("certs").returncode == 0
    assert trusting.snapshot().changes(after) == []


def test_doctor_passes_and_changes_nothing(
    trusting: Machine, doctor: Mapping[str, Row], after: Snapshot
) -> None:
    for client in (*ROWS, *BUNDLED, "go", "bun"):
        assert [row for name, row in doctor.items() if client in name.lower()], client
    verdicts = {name: row["verdict"] for name, row in doctor.items()}
    with_env = {name for name in verdicts if not set(BUNDLED).isdisjoint(name.lower().split())}
    assert {verdicts.pop(name) for name in with_env} == {"needs_env"}
    assert set(verdicts.values()) == {"pass"}
    assert trusting.snapshot().changes(after) == []


@pytest.mark.parametrize("client", BUNDLED)
def test_doctor_proves_clients_with_a_bundle_with_and_without_make_env(
    doctor: Mapping[str, Row], client: str
) -> None:
    (row,) = (row for name, row in doctor.items() if client in name.lower().split())
    assert row["why"].startswith("passes with the variables of `make env`; without: ")
    assert row["fix"] == 'eval "$(make -s env)"'


def test_a_renewed_leaf_is_trusted_and_no_store_is_touched(
    trusting: Machine, after: Snapshot
) -> None:
    old = trusting.served_serial()
    trusting.run("rm", "certs/out/leaf.pem", "certs/out/leaf-names.pem")
    until(lambda: trusting.served_serial() not in ("", old), "another leaf to be served")
    assert accepting(trusting) == ALL
    assert trusting.snapshot().changes(after) == []


def test_other_hosts_are_trusted_and_no_store_is_touched(
    trusting: Machine, after: Snapshot
) -> None:
    hosts = {"HOSTS": "api.localhost"}
    try:
        trusting.make("up", hosts)
        # The others do not know that *.localhost is this machine.
        for client in ("curl", "chromium", "firefox"):
            assert CLIENTS[client](trusting, "api.localhost:8443")["api.localhost:8443"].accepted
        assert accepting(trusting) == ALL
    finally:
        trusting.make("up")
    assert trusting.snapshot().changes(after) == []


def test_a_second_checkout_is_trusted_and_no_store_is_touched(
    trusting: Machine, second: str, after: Snapshot
) -> None:
    try:
        trusting.make("up", SECOND_PORTS, tree=second)
        assert accepting(trusting, "localhost:9443") == ALL
    finally:
        trusting.make("down", SECOND_PORTS, tree=second)
    assert trusting.snapshot().changes(after) == []


def test_the_recreated_stack_is_trusted_and_no_store_is_touched(
    trusting: Machine, after: Snapshot
) -> None:
    root = trusting.root()
    trusting.make("down")
    trusting.run("rm", "-r", "certs/out", ".run")
    trusting.make("up")
    assert accepting(trusting) == ALL
    assert trusting.root() == root
    assert trusting.snapshot().changes(after) == []


def test_sudo_uses_the_users_authority_and_leaves_nothing_of_roots(
    trusting: Machine, after: Snapshot
) -> None:
    root = trusting.root()
    # What Python compiles on the way must not be root's either.
    for package in ("certs", "stack", "trust"):
        trusting.run("find", package, "-name", "*.pyc", "-delete")
    done = trusting.run("sudo", "make", "certs", check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert trusting.find(HOME, "-user", "root") == []
    assert trusting.root() == root
    assert trusting.find("/", "-xdev", "-name", "authority.pem") == [f"{CA_HOME}/authority.pem"]
    assert trusting.snapshot().changes(after) == []


def test_no_file_holds_the_key_of_the_root(trusting: Machine) -> None:
    look = ("python3", f"{INSIDE}/keys.py", f"{CA_HOME}/root.pem")
    found = json.loads(trusting.run(*look, user="root").stdout)
    # It does find keys: the intermediate's, and the leaf's.
    assert {f"{CA_HOME}/authority.pem", f"{TREE}/certs/out/leaf.pem"} <= found["keys"].keys()
    assert found["root"] not in {key for keys in found["keys"].values() for key in keys}


def test_make_untrust_takes_it_all_back(
    trusting: Machine, before: Snapshot, after: Snapshot
) -> None:
    assert after.changes(before)
    trusting.make("untrust")
    assert accepting(trusting) == NONE
    assert trusting.snapshot().changes(before) == []
