"""The one trust store of the tests that is none of this machine's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from certs import ca_home
from trust.commands import Command, Runner
from trust.root import Root
from trust.stores.base import ABSENT, TRUSTED, State

T = TypeVar("T")
Plan = Sequence[Command] | Exception


@dataclass
class FakeStore:
    """A folder with a file for each root.

    has: "ours" and "older", the roots that it trusts without a file. says: what its next
    checks answer. ins, outs: other plans than are needed. for_root: only root may change it.
    stuck: nothing can be taken out of it.
    """

    place: str = "/a/store"
    title: str = "a store"
    kind: str = "folder"
    has: str = ""
    says: Iterator[State | Exception] = field(default_factory=lambda: iter(()))
    ins: Plan | None = None
    outs: Plan | None = None
    for_root: bool = False
    stuck: bool = False

    def state(self, root: Root, _: Runner) -> State:
        if (answer := next(self.says, None)) is not None:
            return _said(answer)
        name = "ours" if root.path.name == ca_home.ROOT else "older"
        return TRUSTED if name in self.has.split() or self.file(root).exists() else ABSENT

    def install_plan(self, root: Root) -> Sequence[Command]:
        return (self.adding(root),) if self.ins is None else _said(self.ins)

    def removal_plan(self, root: Root) -> Sequence[Command]:
        if self.outs is not None:
            return _said(self.outs)
        if not self.file(root).exists():
            return ()
        argv = ("false",) if self.stuck else ("rm", str(self.file(root)))
        return (Command(argv, root=self.for_root),)

    def adding(self, root: Root) -> Command:
        return Command(("touch", str(self.file(root))), root=self.for_root)

    def file(self, root: Root) -> Path:
        return Path(self.place, root.sha256)

    @property
    def roots(self) -> list[str]:
        return [path.name for path in Path(self.place).iterdir()]


def _said(answer: T | Exception) -> T:
    if isinstance(answer, Exception):
        raise answer
    return answer
