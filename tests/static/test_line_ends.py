"""Line ends after a clone, whatever git is told to make of them."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from certs.dotenv import CHECKOUT


def git(folder: Path, *arguments: str) -> str:
    own = ("-c", "user.name=ada", "-c", "user.email=ada@example.com")
    return subprocess.run(
        ["git", *own, *arguments], cwd=folder, capture_output=True, text=True, check=True
    ).stdout


@pytest.fixture
def published(tmp_path: Path) -> Path:
    """A repository with the files of this checkout."""
    folder = tmp_path / "published"
    listed = git(CHECKOUT, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    for name in filter(None, listed.split("\0")):
        if (CHECKOUT / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(CHECKOUT / name, folder / name)
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "All of it")
    return folder


@pytest.mark.parametrize("option", ["core.autocrlf=true", "core.eol=crlf"])
def test_clone_has_the_line_ends_of_the_repository(
    option: str, published: Path, tmp_path: Path
) -> None:
    git(tmp_path, "clone", "--quiet", "-c", option, str(published), "clone")
    names = set(filter(None, git(tmp_path / "clone", "ls-files", "-z").split("\0")))
    assert {"nginx/entrypoint.sh", "Makefile", ".env.example", "docker-compose.yml"} <= names
    changed = {
        name
        for name in names
        if (tmp_path / "clone" / name).read_bytes() != (published / name).read_bytes()
    }
    assert changed == set()
