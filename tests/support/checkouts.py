"""Another checkout, with a .env of its own."""

from __future__ import annotations

import functools
import shutil
from pathlib import Path

import pytest

from certs.dotenv import CHECKOUT, merged_environment


def other_checkout(folder: Path, monkeypatch: pytest.MonkeyPatch, dotenv: str) -> None:
    """Whose .env is read from now on."""
    folder.mkdir()
    shutil.copy(CHECKOUT / "docker-compose.yml", folder)
    (folder / ".env").write_text(dotenv)
    monkeypatch.setattr(
        "stack.cli.merged_environment", functools.partial(merged_environment, folder)
    )
    monkeypatch.setattr("stack.docker.CHECKOUT", folder)
