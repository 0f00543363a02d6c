"""Names that no resolver knows lead to the stack after make certs, and not after make untrust.

One story, in the order of this file.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator

import pytest

from tests.support.clients_in_machine import CLIENTS
from tests.support.machine import SECOND_PORTS, Machine

NAME, OTHER = "api.test", "web.internal"
SETTINGS = {"HOSTS": f"{NAME} app.localhost"}
# They ask the resolver.
ASKING = ("python", "node", "java", "wget")
DOCTOR = (".venv/bin/python", "-m", "trust", "doctor", "--json")


@pytest.fixture(scope="module")
def before(machine: Machine) -> str:
    return machine.read("/etc/hosts")


@pytest.fixture(scope="module")
def up(stack: Machine, before: str) -> Iterator[Machine]:
    stack.make("up", SETTINGS)
    yield stack
    stack.make("untrust", check=False)
    stack.make("up")


@pytest.fixture(scope="module")
def certs(up: Machine) -> subprocess.CompletedProcess[str]:
    return up.make("certs", SETTINGS, check=False)


def lines(machine: Machine) -> list[list[str]]:
    marked = [line for line in machine.read("/etc/hosts").splitlines() if "# wss-stack " in line]
    return [line.split()[:2] for line in marked]


def test_dry_run_shows_the_line_and_writes_none(up: Machine, before: str) -> None:
    said = up.make("certs", {**SETTINGS, "DRY_RUN": "1"}).stdout
    assert f'printf "%s\\n" "127.0.0.1 {NAME} # wss-stack ' in said
    assert up.read("/etc/hosts") == before


def test_doctor_has_a_row_for_each_name(up: Machine) -> None:
    told = json.loads(up.run(*DOCTOR, env=SETTINGS, check=False).stdout)
    rows = {row["client"]: row for row in told["clients"] if row["client"].startswith("the name")}
    assert set(rows) == {f"the name {NAME}", "the name app.localhost"}
    assert {(row["verdict"], row["fix"]) for row in rows.values()} == {("fail", "make certs")}


def test_make_certs_writes_the_names(
    certs: subprocess.CompletedProcess[str], up: Machine, before: str
) -> None:
    assert certs.returncode == 0, certs.stdout + certs.stderr
    assert "store: names in /etc/hosts: written now" in certs.stdout
    assert "the name" not in certs.stdout
    assert lines(up) == [["127.0.0.1", NAME], ["127.0.0.1", "app.localhost"]]
    assert up.read("/etc/hosts").startswith(before)


@pytest.mark.parametrize("name", [NAME, "app.localhost"])
@pytest.mark.parametrize("client", ASKING)
def test_client_that_asks_the_resolver_accepts(
    certs: subprocess.CompletedProcess[str], up: Machine, client: str, name: str
) -> None:
    answer = CLIENTS[client](up, f"{name}:8443")[f"{name}:8443"]
    assert answer.accepted, answer.words


def test_another_checkout_adds_its_name_beside(
    certs: subprocess.CompletedProcess[str], up: Machine, second: str
) -> None:
    up.make("certs", {"HOSTS": OTHER, **SECOND_PORTS}, tree=second)
    assert [name for _, name in lines(up)] == [NAME, "app.localhost", OTHER]
    assert "names in /etc/hosts: already there" in up.make("certs", SETTINGS).stdout


def test_make_untrust_leaves_the_file_as_it_was(
    certs: subprocess.CompletedProcess[str], up: Machine, before: str
) -> None:
    # Without HOSTS: what was written is in the ledger.
    said = up.make("untrust").stdout
    assert "store: names in /etc/hosts: taken back" in said
    assert up.read("/etc/hosts") == before
    owner = up.run("stat", "--format=%a %U", "/etc/hosts").stdout.split()
    assert owner == ["644", "root"]
