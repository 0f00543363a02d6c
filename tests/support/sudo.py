"""A sudo of the test's own, and users who are asked by it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.support import programs
from trust.commands import Runner


def be(patch: pytest.MonkeyPatch, uid: int) -> None:
    """For what asks who runs it; what is run stays this process's user's."""
    for name in ("getuid", "geteuid", "getgid", "getegid"):
        patch.setattr(os, name, lambda: uid)


@pytest.fixture
def user(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where sudo is installed."""
    be(monkeypatch, 1000)
    folder = tmp_path_factory.mktemp("bin")
    (folder / "sudo").touch(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


class Sudo:
    """A runner with a sudo of its own on PATH."""

    def __init__(self, folder: Path, *, allowed: bool, interactive: bool) -> None:
        self._log = folder / "log"
        programs.install("sudo.sh", folder / "sudo")
        if allowed:
            (folder / "allowed").touch()
        path = f"{folder}:{os.environ['PATH']}"
        self.runner = Runner({"PATH": path, "OURS": "1"}, interactive=interactive)

    @property
    def asked(self) -> list[str]:
        return self._log.read_text().splitlines()
