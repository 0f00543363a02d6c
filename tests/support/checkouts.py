"""Checkouts besides this one."""

from __future__ import annotations

import functools
import json
import os
import subprocess
from pathlib import Path

import pytest

from certs.dotenv import merged_environment


def other_dotenv(folder: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """A folder whose .env is read from now on, in the place of the checkout's."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ".env").write_text(text)
    monkeypatch.setattr(
        "stack.cli.merged_environment", functools.partial(merged_environment, folder)
    )


def other_checkout(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A checkout with one service, which Compose acts on from now on."""
    folder.mkdir(parents=True)
    build = {"context": ".", "dockerfile_inline": 'FROM scratch\nCMD ["none"]\n'}
    services = {"services": {"other": {"build": build}}}
    (folder / "docker-compose.yml").write_text(json.dumps(services))
    enter(folder, monkeypatch)


def enter(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The checkout that Compose acts on from now on."""
    for module in ("docker", "project"):
        monkeypatch.setattr(f"stack.{module}.CHECKOUT", folder)


def compose(folder: Path, *arguments: str, **env: str) -> str:
    """`docker compose` as it is typed in that folder."""
    done = subprocess.run(
        ["docker", "compose", *arguments],
        cwd=folder,
        env={**os.environ, "PWD": str(folder), **env},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
