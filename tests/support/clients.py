"""For proving clients: servers with good and bad leaves, and an environment with
nothing of this machine's in it."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from certs import authority as authorities
from certs import leaf
from certs.hosts import parse
from certs.permitted import parse_permit
from trust.clients.base import Proof, Verdict
from trust.commands import Runner
from trust.proof import echo_server
from trust.root import Root

HOSTS = parse("")

# What no client may take at localhost, each signed by our own intermediate.
WRONG = {
    "another of our hosts": ("api.localhost",),
    "a public name": ("example.com",),
    "a public name beside ours": ("localhost", "example.com"),
    "a public address beside ours": ("localhost", "8.8.8.8"),
}


@dataclass(frozen=True)
class Servers:
    root: Root
    good: echo_server.Probe
    wrong: Mapping[str, echo_server.Probe]


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[Servers]:
    """A fresh authority, and a server for each leaf."""
    authority = authorities.mint(parse_permit(""), "ada@engine")
    (folder / "root.pem").write_bytes(authority.root_pem())
    with contextlib.ExitStack() as stack:

        def server(name: str, data: bytes) -> echo_server.Probe:
            path = folder / f"{name}.pem"
            path.write_bytes(data)
            return stack.enter_context(echo_server.serve(path))

        (folder / "leaf-names.pem").write_bytes(leaf.issue(authority, HOSTS.names))
        good = server("leaf", leaf.issue(authority, HOSTS.sans()))
        (folder / "leaf-names.pem").unlink()
        wrong = {name: server(name, leaf.issue(authority, sans)) for name, sans in WRONG.items()}
        yield Servers(Root.read(folder / "root.pem"), good, wrong)


def runner(home: Path, **env: str) -> Runner:
    """For a user with this home and nothing else set."""
    home.mkdir(exist_ok=True)
    # deno may come from PyPI, and is beside this Python then.
    path = f"{os.environ['PATH']}:{Path(sys.executable).parent}"
    plain = {"PATH": path, "HOME": str(home), "LANG": "C.UTF-8"}
    plain["STARTED_FOR"] = str(home)  # what it is told by, in running()
    return Runner({**plain, **env}, interactive=False)


def assert_refused(proof: Proof, *words: str) -> None:
    assert proof.verdict is Verdict.FAIL, proof
    assert proof.fix
    assert not words or any(word in proof.why for word in words), proof


def running(home: Path) -> list[str]:
    """The command of every process that a runner for this home has started."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if f"\0STARTED_FOR={home}\0".encode() in (process / "environ").read_bytes():
                found.append((process / "cmdline").read_text())
    return found
