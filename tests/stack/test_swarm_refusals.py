"""What make's swarm- words say where there is no Swarm to talk to."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from certs.dotenv import CHECKOUT


def swarm(command: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "stack.swarm", command],
        cwd=CHECKOUT,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("command", ["deploy", "status", "rotate", "remove"])
def test_engine_that_does_not_answer_is_named(command: str, tmp_path: Path) -> None:
    done = swarm(command, DOCKER_HOST=f"unix://{tmp_path}/none.sock")
    assert done.returncode == 1
    assert "no engine answers" in done.stderr
    assert f"{tmp_path}/none.sock" in done.stderr
    assert "Traceback" not in done.stderr


def test_engine_in_no_swarm_is_told_how_to_make_one() -> None:
    asked = ["docker", "info", "--format", "{{json .Swarm}}"]
    try:
        found = subprocess.run(asked, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("docker is not installed")
    if found.returncode != 0 or json.loads(found.stdout)["LocalNodeState"] != "inactive":
        pytest.skip("needs a Docker engine that is in no swarm")
    done = swarm("deploy")
    assert done.returncode == 1
    assert "docker swarm init" in done.stderr


def test_wrong_setting_ends_with_2() -> None:
    done = swarm("deploy", TAG="a b")
    assert done.returncode == 2
    assert "TAG is 'a b'" in done.stderr
