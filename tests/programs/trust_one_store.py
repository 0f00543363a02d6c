"""The commands of trust where a machine has one kind of store and no client.

usage: trust_one_store KIND STEP...; a step is install, untrust, env, or holds, which prints
whether a store holds the root, whether it is trusted there, and the entries of the ledger.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from certs import ca_home
from certs.dotenv import merged_environment
from certs.settings import read
from trust import bundle, cli, resolver, session
from trust.clients import find as clients
from trust.commands import Runner
from trust.root import Root
from trust.stores import chromium, find, java, system
from trust.stores.base import Presence
from trust.stores.ledger import Ledger

FINDERS = {"nss": chromium.find, "java": java.find, "system": system.find, "none": None}


def holds() -> dict[str, object]:
    home = read(merged_environment()).ca_home
    root = Root.read(home / ca_home.ROOT)
    runner = Runner(os.environ, interactive=False)
    stores = find.find_all(os.environ, runner)
    states = [store.state(root, runner) for store in stores]
    return {
        "trusted": all(state.presence is Presence.TRUSTED for state in states),
        "held": [store.place for store in stores if store.removal_plan(root)],
        "entries": [entry.place for entry in Ledger(home)],
        "root": root.sha256,
        "bundle": bundle.has_root(home),
        "says": [f"{state.presence.value} {state.why} {state.fix}" for state in states],
    }


def main(kind: str, *steps: str) -> None:
    found = FINDERS[kind]
    find.FINDERS = (found,) if found else ()
    clients.find_all = lambda *_: []
    resolver.look = lambda settings: []
    # The lock of all runs on this machine is no part of this test.
    session._MACHINE = Path(os.environ["HOME"])
    for step in steps:
        if step == "holds":
            print(json.dumps(holds()), flush=True)
            continue
        code = cli.main([step, "--yes"] if step == "install" else [step])
        print(json.dumps({step: code}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
