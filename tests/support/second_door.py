"""examples/http2: Caddy in front of a running stack, as the example's README starts it."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from certs.dotenv import CHECKOUT
from tests.support.ports import free_for_udp_too
from tests.support.running import Running
from tests.support.waiting import until

_FOLDER = CHECKOUT / "examples" / "http2"
# The official image's caddy has a file capability; with one that does not, a container
# without that capability would start here and not there.
_STAND_IN = """\
FROM {base}
COPY caddy /usr/bin/caddy
RUN ["python3", "-c", "import os, struct; os.setxattr('/usr/bin/caddy', 'security.capability', \
struct.pack('<5I', 0x02000001, 1 << 10, 0, 0, 0))"]
"""


@dataclass
class Door:
    stack: Running
    port: int
    log: Path

    def logs(self) -> str:
        if self.stack.mode == "docker":
            return self.stack.compose("logs", "--no-color", "--no-log-prefix", "http2")
        return self.log.read_text()


@contextlib.contextmanager
def door(stack: Running, folder: Path) -> Iterator[Door]:
    """Open until the block ends. Skips the test where there is no Caddy."""
    own = CHECKOUT / ".venv-bench" / "bin"
    caddy = shutil.which("caddy", path=f"{os.environ['PATH']}{os.pathsep}{own}")
    if not caddy:
        pytest.skip("needs caddy on PATH, or in the benchmark's venv: make bench QUICK=1")
    opened = Door(stack, free_for_udp_too(), folder / "caddy.log")
    start = _in_docker if stack.mode == "docker" else _locally
    with start(opened, Path(caddy), folder):
        try:
            until(lambda: stack.serial(opened.port), "the second door", seconds=60)
            yield opened
        finally:
            print(opened.logs()[-20000:])  # pytest shows it if a test failed


@contextlib.contextmanager
def _locally(door: Door, caddy: Path, folder: Path) -> Iterator[None]:
    env = {
        **os.environ,
        "PATH": f"{caddy.parent}{os.pathsep}{os.environ['PATH']}",
        "LEAF_DIR": str(door.stack.settings.certs.leaf_dir),
        "FRONT_DOOR": door.stack.url,
        "SECOND_PORT": str(door.port),
    }
    with door.log.open("wb") as log:
        running = subprocess.Popen([_FOLDER / "run.sh"], env=env, stdout=log, stderr=log)
    try:
        yield
    finally:
        running.terminate()
        running.wait()


@contextlib.contextmanager
def _in_docker(door: Door, caddy: Path, folder: Path) -> Iterator[None]:
    dockerfile = (CHECKOUT / "Dockerfile").read_text()
    base = next(
        line.removeprefix("ARG PYTHON_IMAGE=")
        for line in dockerfile.splitlines()
        if line.startswith("ARG PYTHON_IMAGE=")
    )
    image = f"wss-test-caddy-{uuid.uuid4().hex[:12]}"
    shutil.copy(caddy, folder / "caddy")
    (folder / "Dockerfile").write_text(_STAND_IN.format(base=base))
    subprocess.run(["docker", "build", "--quiet", "--tag", image, str(folder)], check=True)
    files = ("-f", str(CHECKOUT / "docker-compose.yml"), "-f", str(_FOLDER / "compose.yml"))
    door.stack.env = {**door.stack.env, "CADDY_IMAGE": image, "SECOND_PORT": str(door.port)}
    try:
        door.stack.compose(*files, "up", "--build", "--detach", "--no-deps", "http2")
        yield
    finally:
        door.stack.compose(*files, "rm", "--stop", "--force", "http2")
        project = door.stack.env["COMPOSE_PROJECT_NAME"]
        made = [image, f"{project}-http2"]
        subprocess.run(["docker", "image", "rm", *made], check=True, capture_output=True)
