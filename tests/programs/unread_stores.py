"""A command of certs or trust, with two stores, which wait until nobody reads, and a client
that does; nothing of this machine's.

usage: unread_stores FOLDER COMMAND...
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from certs import authority
from certs import cli as certs_cli
from certs.permitted import Permitted
from tests.support.doctoring import Fake
from tests.support.fake_store import FakeStore
from trust import bundle
from trust import cli as trust_cli
from trust.clients import find as clients
from trust.clients.base import PROVEN_BY_ECHO, Proof, Target
from trust.commands import Command, Runner
from trust.root import Root
from trust.stores import find

folder = Path(sys.argv[1])


class Waiting(FakeStore):
    def install_plan(self, root: Root) -> Sequence[Command]:
        return (Command(("head", "-n", "1", f"{self.place}.unread")), self.adding(root))


def store(name: str) -> Waiting:
    (folder / name).mkdir(exist_ok=True)
    return Waiting(str(folder / name), name)


def prove(_: Target, runner: Runner) -> Proof:
    runner.look("head", "-n", "1", str(folder / "client.unread"))
    return PROVEN_BY_ECHO


(folder / "public.pem").write_bytes(authority.mint(Permitted(), "p").root_pem())
find.find_all = lambda *_: [store("first"), store("second")]
clients.find_all = lambda *_: [Fake("curl", prove)]
bundle.public = lambda *_: folder / "public.pem"
command = certs_cli if sys.argv[2] in ("mint", "status") else trust_cli
sys.exit(command.main(sys.argv[2:]))
