"""A user whose two stores have a root, and the commands that they type."""

from __future__ import annotations

import sys
from io import StringIO
from pathlib import Path

import pytest

from tests.support.trusted_home import TrustedHome
from trust import cli, session

WIDER = "corp.example 100.64.0.0/10"


class TrustingHome(TrustedHome):
    """With two stores of its own, and no client."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        super().__init__(folder, patch)
        self.stores = [self.store(name) for name in ("first", "second")]

    def trust(self, *options: str, permit: str = "", hosts: str = "") -> int:
        self.set({"PERMIT": permit, "HOSTS": hosts})
        return cli.main(["install", *options])

    def answer(self, text: str) -> list[str]:
        """At a terminal. Returns the questions."""
        asked: list[str] = []

        def ask(question: str) -> str:
            asked.append(question)
            return text

        self.patch.setattr(sys, "stdin", Terminal())
        self.patch.setattr(session, "typed", ask)
        return asked

    @property
    def fingerprint(self) -> str:
        return self.root.sha256

    def state(self) -> dict[str, bytes]:
        paths = [path for path in self.folder.rglob("*") if path.is_file()]
        return {str(path): path.read_bytes() for path in paths}


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TrustingHome:
    made = TrustingHome(tmp_path, monkeypatch)
    assert made.trust() == 0
    return made
