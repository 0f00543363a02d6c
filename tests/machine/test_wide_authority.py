"""The control of the constraints' proof: the same leaves, but of an authority that may sign them.

They are accepted. So where the usual authority's are refused (test_trust), it is
for its constraints, and not because a server was out of reach or a leaf was odd.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from tests.support.clients_in_machine import CLIENTS
from tests.support.machine import HOME, PUBLIC_ADDRESS, PUBLIC_NAME, Machine
from tests.support.misissued_in_machine import serving

WIDE = f"{HOME}/wide"
CRT = "/usr/local/share/ca-certificates/wide.crt"
KEYSTORE = ("-keystore", "/etc/ssl/certs/java/cacerts", "-storepass", "changeit")
# Whoever signed it. bun knows no constraints on addresses, and so no leaf with one.
NO_NAME, ADDRESS = "common name only", "public address"
REFUSED = {
    "chromium": {NO_NAME},
    "firefox": {NO_NAME},
    "go": {NO_NAME},
    "bun": {NO_NAME, ADDRESS},
}
DATABASE = f"{HOME}/.local/share/pki/nssdb"


@pytest.fixture(scope="module")
def wide(machine: Machine) -> Iterator[Mapping[str, str]]:
    """Served, and its root put into every store by hand."""
    if not machine.find(HOME, "-path", f"{DATABASE}/cert9.db"):
        machine.run("mkdir", "-p", DATABASE)
        machine.run("certutil", "-N", "-d", f"sql:{DATABASE}", "--empty-password")
    found = machine.find(HOME, "-name", "cert9.db", "-printf", "sql:%h\\n")
    before = machine.snapshot()
    env = {"CA_HOME": WIDE, "LEAF_DIR": f"{WIDE}/out"}
    env["PERMIT"] = f"{PUBLIC_NAME} {PUBLIC_ADDRESS}/32"
    mint = "from certs import ca_home, settings; import os; "
    mint += "ca_home.ensure_authority(settings.read(os.environ))"
    machine.run(".venv/bin/python", "-c", mint, env=env)
    root = f"{WIDE}/root.pem"
    try:
        machine.run("install", "-m", "0644", root, CRT, user="root")
        machine.run("update-ca-certificates", user="root")
        for folder in found:
            machine.run("certutil", "-A", "-d", folder, "-n", "wide", "-t", "C,,", "-i", root)
        with serving(machine, f"{WIDE}/authority.pem") as targets:
            yield targets
    finally:
        machine.run("rm", "-f", CRT, user="root")
        machine.run("update-ca-certificates", "--fresh", user="root")
        delete = ("keytool", "-delete", "-alias", "debian:wide.pem", *KEYSTORE)
        machine.run(*delete, user="root", check=False)
        for folder in found:
            machine.run("certutil", "-D", "-d", folder, "-n", "wide", check=False)
        machine.run("rm", "-r", WIDE)
    assert machine.snapshot().changes(before) == []


@pytest.mark.parametrize("client", CLIENTS)
def test_client_accepts_what_the_authority_may_sign(
    machine: Machine, wide: Mapping[str, str], client: str
) -> None:
    answers = CLIENTS[client](machine, *wide.values())
    refused = {name for name, target in wide.items() if not answers[target].accepted}
    assert refused == REFUSED.get(client, set())
