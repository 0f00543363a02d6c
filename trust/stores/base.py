"""What every trust store answers, whatever it is.

A store only plans: install_plan and removal_plan return commands, and
trust.stores.change runs them. A store is handed the root's certificate, never a key.
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
    # There is such a store, but it cannot be worked on now.
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True)
class State:
    presence: Presence
    # For UNAVAILABLE: what is in the way. For TRUSTED: what keeps programs from it.
    why: str = ""
    fix: str = ""  # and the command to type
    back: str = ""  # that which takes a root back, where it is another


TRUSTED = State(Presence.TRUSTED)
ABSENT = State(Presence.ABSENT)


def may(path: Path, mode: int) -> bool:
    """As os.access; as the user whom root has become (certs.sudo): the effective one."""
    return os.access(path, mode, effective_ids=os.access in os.supports_effective_ids)


def read_only(path: Path) -> bool:
    """Whether it is on a file system that not even root can write to."""
    return bool(os.statvfs(path).f_flag & os.ST_RDONLY)


def missing(tool: str, fs: Path) -> State:
    """What a store says whose tool is not there: nothing is installed unasked."""
    name = distro.package(tool, fs)
    package = f": the package {name} has it" if name else ""
    why = f"{tool} is not installed{package}"
    return State(Presence.UNAVAILABLE, why, distro.install_command(tool, fs))


class Store(Protocol):
    """kind and place together name a store, in the ledger too."""

    kind: str  # "system", "nss", "firefox", "java", ...
    place: str  # a path where there can be several
    title: str  # for people

    def state(self, root: Root, runner: Runner) -> State:
        """Whether the store has and trusts exactly this root. Changes nothing.

        Raises CommandError, OSError.
        """

    def install_plan(self, root: Root) -> Sequence[Command]:
        """The commands that add it."""

    def removal_plan(self, root: Root) -> Sequence[Command]:
        """The commands that take it out, wherever install_plan put it."""


class Finder(Protocol):
    """Each store module has find() of this form."""

    def __call__(self, env: Mapping[str, str], runner: Runner, fs: Path) -> Sequence[Store]:
        """The stores of this kind on this machine.

        env: HOME and its like. fs: what stands for / (a test's folder).
        """


class Rebuilder(Protocol):
    """Each store module has at() of this form, beside find()."""

    def __call__(self, place: str, title: str, runner: Runner, fs: Path) -> Store | None:
        """The store in this place, which was found once; None: it cannot be worked on here.

        What find() went by may be another since: JAVA_HOME, PATH, XDG_DATA_HOME. What
        was written there is to be taken back all the same.
        """
