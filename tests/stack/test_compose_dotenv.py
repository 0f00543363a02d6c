"""Compose does not read .env itself, and yet is told what it says."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from certs.dotenv import merged_environment
from stack.docker import Docker
from stack.settings import read_for_stopping
from tests.support.checkouts import compose, other_checkout
from tests.support.running import Running

MODES = ("docker",)


def test_compose_is_told_what_the_file_says(
    own: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its own settings too, though it does not read the file itself."""
    name = own.env["COMPOSE_PROJECT_NAME"]
    ours = f"COMPOSE_FILE=other.yml\nCOMPOSE_PROJECT_NAME={name}\nthis is junk\n"
    folder = tmp_path / "other"
    other_checkout(folder, monkeypatch)
    (folder / "docker-compose.yml").rename(folder / "other.yml")
    (folder / ".env").write_text(ours)
    env = merged_environment(folder, warn=own.said.append)
    there = Docker(read_for_stopping(env))
    assert not there.running()
    compose(
        folder,
        "--env-file",
        os.devnull,
        "create",
        COMPOSE_FILE="other.yml",
        COMPOSE_PROJECT_NAME=name,
    )
    assert [service.name for service in there.status()] == ["other"]
    there.down()
    assert not there.running()
