"""The images for a Swarm, whose nodes have no checkout to mount."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from pathlib import Path

import pytest

from certs.dotenv import CHECKOUT
from stack import docker
from tests.support import programs


def run(*command: str, **env: str) -> str:
    done = subprocess.run(
        command,
        cwd=CHECKOUT,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_image_has_the_app_that_any_user_may_read_and_no_env_file(tmp_path: Path) -> None:
    if why := docker.why_unavailable():
        pytest.skip(f"no Docker engine to test with: {why}")
    for name, text in (
        ("mine.py", programs.source("apps/talking.py")),
        (".env", "SECRET=1"),
        ("notes.txt", "not for the image"),
        (".dockerignore", "notes.txt"),
    ):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o600)
    tag = f"test-{uuid.uuid4().hex[:12]}"
    images = run(
        *(sys.executable, "-m", "stack.swarm", "images"), APP_DIR=str(tmp_path), TAG=tag
    ).split()
    try:
        assert images == [f"wss-stack-app:{tag}", f"wss-stack-nginx:{tag}"]
        look = "import mine, os; print(sorted(os.listdir('/src')))"
        inside = ("docker", "run", "--rm", "--env", "PYTHONPATH=/src", images[0])
        shown = run(*inside, "python", "-c", look)
        assert shown == "['.dockerignore', 'mine.py']\n"
    finally:
        run("docker", "rmi", *images)
