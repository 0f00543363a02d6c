"""The clients that are said to read the system's store do so.

In a mount namespace of its own /etc/ssl/certs is a copy with the root: the real one is
not touched, and no variable of a client is set.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from certs.dotenv import CHECKOUT

pytestmark = pytest.mark.programs
STORE = Path("/etc/ssl/certs")

INSIDE = """
import subprocess, sys
from pathlib import Path
from tests.support.clients import runner, serving
from trust.clients import find
from trust.proof import store_of_client

folder, copy = Path(sys.argv[1]), Path(sys.argv[2])
with serving(folder) as servers:
    asked = runner(folder / "home")
    clients = [
        client
        for client in find.find_all(asked.env, asked)
        if store_of_client.kind(client.kind) == "system" and client.kind != "dotnet"
    ]
    def show(when):
        for client in clients:
            print(when, client.kind, client.prove(servers.good.target, asked).verdict.name)
    show("before")
    (copy / "ours.pem").write_text(servers.root.pem)
    with (copy / "ca-certificates.crt").open("a") as bundle:
        bundle.write(servers.root.pem)
    subprocess.run(["openssl", "rehash", copy], check=True, capture_output=True)
    subprocess.run(["mount", "--bind", copy, "/etc/ssl/certs"], check=True)
    show("after")
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting needs root")
@pytest.mark.skipif(
    not (STORE / "ca-certificates.crt").is_file(), reason="the system's store is not Debian's"
)
def test_clients_of_the_systems_store_accept_what_is_in_it_and_refuse_it_before(
    tmp_path: Path,
) -> None:
    copy = tmp_path / "copy"
    copy.mkdir()
    (copy / "ca-certificates.crt").write_bytes((STORE / "ca-certificates.crt").read_bytes())
    done = subprocess.run(
        ["unshare", "--mount", sys.executable, "-c", INSIDE, str(tmp_path), str(copy)],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    rows = [line.split() for line in done.stdout.splitlines()]
    assert {"openssl", "curl"} <= {kind for _, kind, _ in rows}
    assert {(when, verdict) for when, _, verdict in rows} == {("before", "FAIL"), ("after", "PASS")}
