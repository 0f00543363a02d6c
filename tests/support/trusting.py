"""A user whose two stores have a root, and the commands that they type."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import pytest
import trustme

from certs import ca_home
from tests.support import certificates
from tests.support.ports import free_port
from trust import bundle, cli, resolver, session
from trust.clients import find as clients_find
from trust.commands import Command, Runner
from trust.root import Root
from trust.stores import find
from trust.stores.base import ABSENT, TRUSTED, State

WIDER = "corp.example 100.64.0.0/10"


@dataclass
class Store:
    """A folder with a file for each root."""

    place: str
    title: str = "a store"
    kind: str = "folder"
    stuck: bool = False

    def state(self, root: Root, _: Runner) -> State:
        return TRUSTED if root.sha256 in self.roots else ABSENT

    def install_plan(self, root: Root) -> Sequence[Command]:
        return (Command(("touch", f"{self.place}/{root.sha256}")),)

    def removal_plan(self, root: Root) -> Sequence[Command]:
        if root.sha256 not in self.roots:
            return ()
        return (Command(("false",) if self.stuck else ("rm", f"{self.place}/{root.sha256}")),)

    @property
    def roots(self) -> list[str]:
        return [path.name for path in Path(self.place).iterdir()]


class Machine:
    """With two stores of its own, and no client."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.folder, self.patch = folder, patch
        self.stores = [Store(str(folder / name), name) for name in ("first", "second")]
        for store in self.stores:
            Path(store.place).mkdir()
        trustme.CA(organization_name="public").cert_pem.write_to_path(str(folder / "public.pem"))
        patch.setattr(find, "find_all", lambda *_: list(self.stores))
        patch.setattr(clients_find, "find_all", lambda *_: [])
        patch.setattr(resolver, "_resolve", lambda names: [("127.0.0.1",)] * len(names))
        patch.setattr(bundle, "public", lambda *_: folder / "public.pem")
        self.set(certificates.environment(folder, HTTPS_PORT=str(free_port())))

    def set(self, env: Mapping[str, str]) -> None:
        for name, value in env.items():
            self.patch.setenv(name, value)

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
    def root(self) -> str:
        return Root.read(self.folder / "ca" / ca_home.ROOT).sha256

    def state(self) -> dict[str, bytes]:
        paths = [path for path in self.folder.rglob("*") if path.is_file()]
        return {str(path): path.read_bytes() for path in paths}


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    made = Machine(tmp_path, monkeypatch)
    assert made.trust() == 0
    return made
