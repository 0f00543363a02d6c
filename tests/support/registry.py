"""A registry of images, without TLS: Docker's daemon takes one on the loopback."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.ports import free_port
from tests.support.waiting import until

_CONFIG = """\
version: 0.1
storage: {{filesystem: {{rootdirectory: {folder}}}}}
http: {{addr: "{host}:{port}"}}
"""


@contextlib.contextmanager
def registry(folder: Path, host: str = "127.0.0.1") -> Iterator[str]:
    """Its address, as the first part of an image's name. Two in one folder have the same images."""
    program = shutil.which("docker-registry")
    if not program:
        pytest.skip("needs docker-registry")
    port = free_port()
    config = folder / f"{host}.yml"
    config.write_text(_CONFIG.format(folder=folder / "images", host=host, port=port))
    with (folder / "registry.log").open("wb") as log:
        server = subprocess.Popen([program, "serve", config], stdout=log, stderr=log)
    try:

        def answers() -> bool:
            with contextlib.suppress(ConnectionRefusedError):
                socket.create_connection((host, port), timeout=5).close()
                return True
            assert server.poll() is None, (folder / "registry.log").read_text()
            return False

        until(answers, "the registry")
        yield f"{host}:{port}"
    finally:
        server.terminate()
        server.wait()
