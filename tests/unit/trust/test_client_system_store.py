"""The clients that are said to read the system's store do so.

In a mount namespace of its own /etc/ssl/certs is a copy with the root: the real one is
not touched, and no variable of a client is set.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from certs.dotenv import CHECKOUT
from tests.support import programs

pytestmark = pytest.mark.programs
STORE = Path("/etc/ssl/certs")


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
        ["unshare", "--mount", *programs.command("system_store_clients", tmp_path, copy)],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    rows = [line.split() for line in done.stdout.splitlines()]
    assert {"openssl", "curl"} <= {kind for _, kind, _ in rows}
    assert {(when, verdict) for when, _, verdict in rows} == {("before", "FAIL"), ("after", "PASS")}
