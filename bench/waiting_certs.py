"""How long `make certs` takes where everything trusts already, in a machine of its own.

This machine's trust stores are not for a benchmark to touch. .ci/test-machine makes the
image: Debian with browsers and other clients, and a user who may use sudo.
"""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import uuid
from pathlib import Path

from bench.budget import Budget
from bench.programs import MissingError
from bench.waiting import Waits, copy_of_the_checkout, run
from certs.dotenv import CHECKOUT

log = logging.getLogger(__name__)

CERTS = "`make certs`, on a machine that trusts already"
_IMAGE = "wss-stack-test-machine"
_TREE = "/home/dev/wss-stack"
# Of this host: pip may need them to reach the package index.
_ROOTS = Path("/etc/ssl/certs/ca-certificates.crt")
_ROOTS_THERE = "/opt/host-ca.crt"


def on_certs(folder: Path, rounds: int, waits: Waits, budget: Budget) -> None:
    """Raises OverBudgetError."""
    log.info("make certs")
    name = f"wss-bench-machine-{uuid.uuid4().hex[:12]}"

    def machine(*command: str) -> None:
        options = ["--user", "dev", "--workdir", _TREE]
        options += ["--env", "MODE=local", "--env", f"PIP_CERT={_ROOTS_THERE}"]
        _docker("exec", *options, name, *command)

    try:
        _start(name, folder)
        # A user's Firefox has a profile; in one that had none, the root would not stay.
        machine("firefox", "--headless", "--screenshot", "/dev/null", "about:blank")
        machine("make", "up")
        machine("make", "certs")
        for _ in range(rounds):
            budget.check("more rounds of make certs")
            waits.take(CERTS, lambda: machine("make", "certs"))
    except MissingError as error:
        waits.fail(CERTS, str(error))
    finally:
        remove = ["docker", "rm", "--force", "--volumes", name]
        subprocess.run(remove, capture_output=True, check=False)


def _start(name: str, folder: Path) -> None:
    """Raises MissingError."""
    inspect = ["docker", "image", "inspect", _IMAGE]
    if subprocess.run(inspect, capture_output=True, check=False).returncode != 0:
        raise MissingError(f"no image {_IMAGE}: .ci/test-machine makes it")
    options = ["--name", name, "--hostname", "machine", "--init", "--shm-size", "1g"]
    # ::1 as on any machine.
    options += ["--sysctl", "net.ipv6.conf.all.disable_ipv6=0"]
    _docker("run", "--detach", *options, _IMAGE)
    if _ROOTS.exists():
        _docker("cp", str(_ROOTS), f"{name}:{_ROOTS_THERE}")
        _docker("exec", name, "chmod", "0644", _ROOTS_THERE)
    checkout = copy_of_the_checkout(folder / "for-the-machine")
    try:
        _docker("cp", f"{checkout}", f"{name}:{_TREE}")
    finally:
        shutil.rmtree(checkout, ignore_errors=True)
    _docker("exec", "--user", "root", name, "chown", "-R", "dev:", _TREE)


def _docker(*arguments: str) -> None:
    """Raises MissingError."""
    run(["docker", *arguments], CHECKOUT, os.environ)
