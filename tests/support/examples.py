"""The examples, as their READMEs say: what is typed is read from there."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

from certs.dotenv import CHECKOUT
from tests.support.waiting import until

# As npm is configured by whoever runs this: looked up at import, for the tests get
# another home, and an environment without roots of this machine.
_NPM = {"npm_config_userconfig": str(Path.home() / ".npmrc")}
if "NODE_EXTRA_CA_CERTS" in os.environ:
    _NPM["NODE_EXTRA_CA_CERTS"] = os.environ["NODE_EXTRA_CA_CERTS"]


def block(example: str, number: int = 0) -> list[str]:
    """The lines of a README's sh block."""
    text = (CHECKOUT / "examples" / example / "README.md").read_text()
    blocks: list[str] = re.findall(r"^```sh\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    return blocks[number].splitlines()


def settings(line: str) -> dict[str, str]:
    """Of the line `NAME=value ... make up`."""
    *assignments, make, up = shlex.split(line)
    assert (make, up) == ("make", "up"), line
    return dict(assignment.split("=", 1) for assignment in assignments)


def run(line: str, folder: Path) -> None:
    with _shell(line, folder) as process:
        output = process.communicate(timeout=120)[0]
    assert process.returncode == 0, f"{line}\n{output}"


@contextlib.contextmanager
def background(line: str, folder: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    """A line that ends in `&`, until the block does; entered when its port is open."""
    assert line.endswith(" &"), line
    bound = re.search(r"\bHOST=(\S+)", line)
    address = (bound[1] if bound else "127.0.0.1", port)
    with _shell(f"export PORT={port}; {line.removesuffix('&')}", folder) as process:

        def listens() -> bool:
            if process.poll() is not None:
                # No OSError, and so no reason to wait.
                raise RuntimeError(f"{line}\n{process.communicate()[0]}")
            socket.create_connection(address, timeout=5).close()
            return True

        try:
            until(listens, f"`{line}` to listen on {address}")
            yield process
        finally:
            stop(process)


def stop(process: subprocess.Popen[str]) -> None:
    """As `kill %1` does: the whole job, so that npm's child ends too."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)


def _shell(line: str, folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        ["sh", "-c", line],
        cwd=folder,
        env={**os.environ, **_NPM},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
