"""A hosts file of the test's own, and what is wanted in it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from certs import authority
from certs.permitted import Permitted
from trust.commands import Command, Result, Runner
from trust.resolver import Name
from trust.root import Root
from trust.stores import hosts_file
from trust.stores.hosts_file import HostsFile

THEIRS = "127.0.0.1\tlocalhost\n# a comment\n10.0.0.5 intranet.corp\n\n::1 ip6-localhost\n"
API, WEB = "api.test", "web.internal"


class AsUser(Runner):
    """Runs what is for root as the user of the tests: the file is theirs."""

    def run(self, command: Command) -> Result:
        return super().run(replace(command, root=False))


RUNNER = AsUser({"PATH": os.defpath}, interactive=False)


@pytest.fixture(scope="module")
def roots(tmp_path_factory: pytest.TempPathFactory) -> Sequence[Root]:
    folder = tmp_path_factory.mktemp("roots")
    for name in ("ours", "other"):
        (folder / name).write_bytes(authority.mint(Permitted(), name).root_pem())
    return [Root.read(folder / name) for name in ("ours", "other")]


@pytest.fixture
def root(roots: Sequence[Root]) -> Root:
    return roots[0]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "etc" / "hosts"
    path.parent.mkdir()
    path.write_text(THEIRS)
    return path


def lost(*names: str, address: str = "127.0.0.1", found: tuple[str, ...] = ()) -> list[Name]:
    return [Name(name, address, found, leads_here=False) for name in names]


def store(file: Path, names: Sequence[Name]) -> HostsFile:
    (made,) = hosts_file.find(names, file.parent.parent)
    assert isinstance(made, HostsFile)
    return made
