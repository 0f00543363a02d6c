"""A client in another container reaches the stack, verified: docs/trust.md, as it stands."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from certs.dotenv import CHECKOUT
from tests.support.running import Running

MODES = ("docker",)


@pytest.fixture
def fragment(tmp_path: Path) -> Path:
    """The Compose file that the document has."""
    document = (CHECKOUT / "docs" / "trust.md").read_text()
    section = document.partition("\n## Other containers\n")[2].partition("\n## ")[0]
    (yaml,) = re.findall(r"```yaml\n(.*?)```", section, re.DOTALL)
    path = tmp_path / "clients.yml"
    path.write_text(yaml)
    return path


@pytest.fixture
def beside(own: Running, fragment: Path) -> Running:
    files = f"{CHECKOUT / 'docker-compose.yml'}:{fragment}"
    # Made before, as the document has it: the client mounts the file.
    settings = {"HOSTS": "stack.internal", "COMPOSE_FILE": files}
    own.configure(**settings)
    for package, command in (("certs", "mint"), ("trust", "env")):
        told = [sys.executable, "-m", package, command]
        subprocess.run(told, env=dict(own.env), cwd=CHECKOUT, check=True, capture_output=True)
    own.compose("build")  # `run` would tell of it among what the client says
    own.compose("up", "--detach", "--wait", "certs", "app", "nginx")
    return own


def test_a_client_there_gets_its_echo_by_the_name_of_the_network(beside: Running) -> None:
    assert beside.compose("run", "--rm", "--no-deps", "client").strip() == "Hello"


def test_client_without_the_bundle_refuses(beside: Running) -> None:
    client = ("run", "--rm", "--no-deps", "--env", "SSL_CERT_FILE=", "client")
    with pytest.raises(AssertionError, match="CERTIFICATE_VERIFY_FAILED"):
        beside.compose(*client)
