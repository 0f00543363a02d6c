"""The machine in which trust is proven is what it should be."""

from __future__ import annotations

import re

import pytest

from tests.support.clients_in_machine import CLIENTS, PUBLISHED
from tests.support.machine import CA_HOME, HOME, INSIDE, Machine

VERSIONS = {
    "curl": ("curl", "--version"),
    "wget": ("wget", "--version"),
    "openssl": ("openssl", "version"),
    "python": ("python3", "--version"),
    "node": ("node", "--version"),
    "java": ("java", "-version"),
    "go": (f"{PUBLISHED}/go", "version"),
    "bun": (f"{PUBLISHED}/bun", "--version"),
    "chromium": ("chromium", "--version"),
    "firefox": ("firefox-esr", "--version"),
    "requests": (f"{PUBLISHED}/python3", "-c", "import requests as r; print(r.__version__)"),
    "httpx": (f"{PUBLISHED}/python3", "-c", "import httpx; print(httpx.__version__)"),
    "published node": (f"{PUBLISHED}/node", "--version"),
    "deno": (f"{PUBLISHED}/deno", "--version"),
}


@pytest.mark.parametrize("client", VERSIONS)
def test_the_client_is_installed(machine: Machine, client: str) -> None:
    done = machine.run(*VERSIONS[client])
    assert re.search(r"\d+\.\d+", done.stdout + done.stderr)


def test_dev_is_a_user_who_may_use_sudo(machine: Machine) -> None:
    assert machine.run("id", "--user").stdout.strip() == "1000"
    assert machine.run("sudo", "--non-interactive", "id", "--user").stdout.strip() == "0"


def test_environment_changes_nothing_of_what_is_trusted(machine: Machine) -> None:
    names = {line.partition("=")[0] for line in machine.run("env").stdout.splitlines()}
    assert not {name for name in names if re.search("SSL|CERT|CA_|_CA|BUNDLE|PIP", name)}


def test_machine_has_no_root_but_debians(machine: Machine) -> None:
    assert machine.find("/usr/local/share/ca-certificates", "-type", "f") == []
    shipped = machine.find("/usr/share/ca-certificates/mozilla", "-name", "*.crt")
    snapshot = machine.snapshot()
    roots = [c for c in snapshot.certificates if c[0] == "/etc/ssl/certs/ca-certificates.crt"]
    assert len(roots) == len(shipped) > 100
    assert {c[3] for c in snapshot.certificates} == {root[3] for root in roots}


def test_machine_has_a_firefox_profile(machine: Machine) -> None:
    (database,) = machine.find(f"{HOME}/.config/mozilla/firefox", "-name", "cert9.db")
    assert ".default" in database


def test_a_snapshot_is_the_same_again(machine: Machine) -> None:
    assert machine.snapshot() == machine.snapshot()


def test_a_snapshot_sees_a_certificate_in_a_profile(machine: Machine) -> None:
    before = machine.snapshot()
    (database,) = machine.find(f"{HOME}/.config/mozilla/firefox", "-name", "cert9.db")
    profile = "sql:" + database.rpartition("/")[0]
    some = "/etc/ssl/certs/ISRG_Root_X1.pem"
    machine.run("certutil", "-A", "-d", profile, "-n", "some root", "-t", "C,,", "-i", some)
    (change,) = machine.snapshot().changes(before)
    assert "some root | C,, |" in change
    machine.run("certutil", "-D", "-d", profile, "-n", "some root")
    assert machine.snapshot().changes(before) == []


def test_stack_runs_in_the_machine_and_answers_clients_that_trust(stack: Machine) -> None:
    echo = stack.run(".venv/bin/python", f"{INSIDE}/first_words.py", f"{CA_HOME}/root.pem")
    assert echo.stdout == "first words\n"


@pytest.mark.parametrize("client", CLIENTS)
def test_a_client_refuses_what_it_was_not_told_to_trust(stack: Machine, client: str) -> None:
    answer = CLIENTS[client](stack, "localhost:8443")["localhost:8443"]
    assert not answer.accepted
