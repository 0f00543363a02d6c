"""Servers in the test machine with leaves that our authority must not be able to sign."""

from __future__ import annotations

import contextlib
import json
import subprocess
from collections.abc import Iterator, Mapping

from tests.support.machine import PUBLIC_ADDRESS, PUBLIC_NAME, TREE, Machine


@contextlib.contextmanager
def serving(machine: Machine, authority: str) -> Iterator[Mapping[str, str]]:
    """What each server is to be asked for, as host:port.

    authority: the file in the machine with the key that signs.
    """
    machine.give_itself_the_public_address()
    server = ["docker", "exec", "--interactive", "--user=dev", f"--workdir={TREE}"]
    server += [machine.container, ".venv/bin/python", "-m", "tests.machine.inside.misissued"]
    with subprocess.Popen(
        [*server, authority],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # each refused handshake
        text=True,
    ) as process:
        assert process.stdout
        line = process.stdout.readline()
        assert line, "tests.machine.inside.misissued ended at its start"
        ports = json.loads(line)
        yield {
            "good": f"localhost:{ports['good']}",
            "public name": f"{PUBLIC_NAME}:{ports['public name']}",
            "public name beside ours": f"{PUBLIC_NAME}:{ports['public name beside ours']}",
            "our name beside a public one": f"localhost:{ports['public name beside ours']}",
            "public address": f"{PUBLIC_ADDRESS}:{ports['public address']}",
            "common name only": f"{PUBLIC_NAME}:{ports['common name only']}",
        }
        # Leaving closes its standard input, and it ends.
