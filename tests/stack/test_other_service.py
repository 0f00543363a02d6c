"""A Compose service of somebody's own behind nginx: docs/your-app.md, as it stands."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from certs.dotenv import CHECKOUT
from tests.support import their_tests
from tests.support.asking import ask
from tests.support.running import Running
from tests.support.waiting import until

MODES = ("docker",)


@pytest.fixture
def section() -> str:
    document = (CHECKOUT / "docs" / "your-app.md").read_text()
    heading = "\n## A Compose service of your own\n"
    return document.partition(heading)[2].partition("\n## ")[0]


@pytest.fixture
def settings(section: str, tmp_path: Path) -> dict[str, str]:
    """Of the document's make up, with its Compose file."""
    (yaml,) = re.findall(r"```yaml\n(.*?)```", section, re.DOTALL)
    (typed,) = re.findall(r"^(.*) make up$", section, re.MULTILINE)
    path = tmp_path / "mine.yml"
    path.write_text(yaml)
    files = f"{CHECKOUT / 'docker-compose.yml'}:{path}"
    assert "COMPOSE_FILE=docker-compose.yml:mine.yml" in section
    return {**dict(word.split("=", 1) for word in shlex.split(typed)), "COMPOSE_FILE": files}


def test_service_is_found_when_it_starts_and_counts_in_the_health(
    own: Running, settings: dict[str, str], tmp_path: Path
) -> None:
    own.configure(**settings)
    own.compose("up", "--detach", "--wait", "certs", "nginx")
    response, body = ask(own, "/healthz")
    assert (response.status, "UPSTREAM web:8000" in body) == (502, True)
    before = own.compose("ps", "--quiet", "nginx")

    own.up(**settings)
    assert own.compose("ps", "--quiet", "nginx") == before  # it follows the name
    until(lambda: ask(own, "/healthz")[1] == "ok\n", "the service behind UPSTREAM")
    with own.connect("/ws", host="web.localhost") as client:
        client.send("by the name of SITES")
        assert client.recv(timeout=10) == "by the name of SITES"

    assert [(s.name, s.ok) for s in own.stack.status()] == [
        ("certs", True),
        ("nginx", True),
        ("web", True),
    ]
    project = their_tests.project(tmp_path, {"test_echo.py": their_tests.documented()})
    done = their_tests.run_pytest(project, own.env, "-p", "stack.pytest_plugin")
    assert done.returncode == 0, done.stdout + done.stderr

    own.compose("stop", "web")
    assert [service.name for service in own.stack.status() if not service.ok] == ["web"]
