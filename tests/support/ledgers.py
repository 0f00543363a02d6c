"""Stores that a ledger names, and roots for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from certs import authority
from certs.permitted import Permitted
from trust.commands import Command, Runner
from trust.root import Root
from trust.stores.base import State


@dataclass
class Named:
    """A store of which only the name counts here."""

    place: str = "/a/store"
    kind: str = "nss"
    title: str = "a store"

    def state(self, root: Root, runner: Runner) -> State:
        raise NotImplementedError

    def install_plan(self, root: Root) -> Sequence[Command]:
        raise NotImplementedError

    removal_plan = install_plan


STORE, OTHER = Named(), Named("/another")


def new_root(path: Path) -> Root:
    path.write_bytes(authority.mint(Permitted(), "ada@engine").root_pem())
    return Root.read(path)
