"""Further users of the test machine."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

from tests.support.machine import SECOND_PORTS, Machine


@dataclass(frozen=True)
class User:
    name: str

    @property
    def home(self) -> str:
        return f"/home/{self.name}"

    @property
    def tree(self) -> str:
        return f"{self.home}/wss-stack"

    @property
    def ca_home(self) -> str:
        return f"{self.home}/.local/share/wss-stack"

    @property
    def settings(self) -> list[str]:
        """For make: ports of their own, where no stack is."""
        return [f"{name}={value}" for name, value in SECOND_PORTS.items()]


@contextlib.contextmanager
def user(machine: Machine, name: str, checkout: str) -> Iterator[User]:
    """May use sudo, has used Firefox, and has a copy of this checkout that was never used."""
    made = User(name)
    sudoers = f"/etc/sudoers.d/{name}"

    def as_root(*argv: str, stdin: str = "") -> None:
        machine.run(*argv, user="root", cwd="/", stdin=stdin)

    try:
        as_root("useradd", "--create-home", name)
        as_root("tee", sudoers, stdin=f"{name} ALL=(ALL) NOPASSWD: ALL\n")
        as_root("chmod", "0440", sudoers)
        as_root("cp", "--archive", checkout, made.tree)
        as_root("rm", "-rf", f"{made.tree}/certs/out", f"{made.tree}/.run")
        as_root("chown", "--recursive", f"{name}:{name}", made.tree)
        a_profile = ("firefox-esr", "--headless", "--screenshot", "/dev/null", "about:blank")
        machine.run(*a_profile, user=name, cwd=made.home)
        yield made
    finally:
        as_root("userdel", "--force", "--remove", name)
        as_root("rm", "-f", sudoers)
