"""The verdicts of the clients of the system's store, before and after the root is in it.

usage, in a mount namespace: system_store_clients FOLDER COPY, with the copy of /etc/ssl/certs
"""

from __future__ import annotations

import subprocess
import sys
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

    def show(when: str) -> None:
        for client in clients:
            print(when, client.kind, client.prove(servers.good.target, asked).verdict.name)

    show("before")
    (copy / "ours.pem").write_text(servers.root.pem)
    with (copy / "ca-certificates.crt").open("a") as bundle:
        bundle.write(servers.root.pem)
    subprocess.run(["openssl", "rehash", copy], check=True, capture_output=True)
    subprocess.run(["mount", "--bind", copy, "/etc/ssl/certs"], check=True)
    show("after")
