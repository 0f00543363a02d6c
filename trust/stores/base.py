"""The interface of all trust stores.

A store only plans: install_plan and removal_plan return commands, and
trust.stores.change runs them. A store gets the root's certificate, never a key.
"""

from __future__ import annotations

import enum
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from trust import distro
from trust.commands import Command, Runner
from trust.root import Root


class Presence(enum.Enum):
    TRUSTED = "trusted"
    ABSENT = "absent"
    # The store exists, but cannot be changed now.
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True)
class State:
    presence: Presence
    # The obstacle: for UNAVAILABLE, to a change; for TRUSTED, to programs that read it.
    why: str = ""
    fix: str = ""  # the command to type
    back: str = ""  # the command that removes a root, if it is another one


TRUSTED = State(Presence.TRUSTED)
ABSENT = State(Presence.ABSENT)


def may(path: Path, mode: int) -> bool:
    """os.access for the effective user, whom root may have become (certs.sudo)."""
    return os.access(path, mode, effective_ids=os.access in os.supports_effective_ids)


def read_only(path: Path) -> bool:
    """Whether the path is on a file system that not even root can write to."""
    return bool(os.statvfs(path).f_flag & os.ST_RDONLY)


def missing(tool: str, fs: Path) -> State:
    """The state of a store whose tool is missing: the user has to install it."""
    name = distro.package(tool, fs)
    package = f": the package {name} has it" if name else ""
    why = f"{tool} is not installed{package}"
    return State(Presence.UNAVAILABLE, why, distro.install_command(tool, fs))


class Store(Protocol):
    """A trust store. kind and place together identify it, in the ledger too."""

    kind: str  # "system", "nss", "firefox", "java", ...
    place: str  # a path, if a machine can have several
    title: str  # for people

    def state(self, root: Root, runner: Runner) -> State:
        """Whether the store has and trusts exactly this root. Changes nothing.

        Raises CommandError, OSError.
        """

    def install_plan(self, root: Root) -> Sequence[Command]:
        """The commands that add it."""

    def removal_plan(self, root: Root) -> Sequence[Command]:
        """The commands that remove it, from all places where install_plan puts it."""


class Finder(Protocol):
    """The type of find() in each store module."""

    def __call__(self, env: Mapping[str, str], runner: Runner, fs: Path) -> Sequence[Store]:
        """The stores of this kind on this machine.

        env: with HOME and others. fs: the folder for / (a test's own).
        """


class Rebuilder(Protocol):
    """The type of at() in each store module."""

    def __call__(self, place: str, title: str, runner: Runner, fs: Path) -> Store | None:
        """The store that find() once found in this place; None if it cannot be changed here.

        The variables that find() uses (JAVA_HOME, PATH, XDG_DATA_HOME) may have changed since.
        `make untrust` must find the store all the same.
        """
