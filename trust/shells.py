"""The user's shell: what sets variables in it, and what takes them out of it again."""

from __future__ import annotations

import contextlib
import re
import shlex
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import psutil

# By the names of their programs. make's own shell is an sh, and the user's may be above it.
_PROGRAMS = {
    **dict.fromkeys(("bash", "zsh", "ksh", "mksh", "ash"), "sh"),
    "fish": "fish",
    **dict.fromkeys(("pwsh", "powershell", "pwsh.exe", "powershell.exe"), "powershell"),
}


def render(variables: Mapping[str, str], shell: str) -> str:
    """The lines that set them. Raises KeyError for a shell that is not in SHELLS."""
    return "".join(f"{SHELLS[shell](name, value)}\n" for name, value in variables.items())


def unset(names: Iterable[str], shell: str) -> str:
    """The line that takes them out."""
    if shell == "powershell":
        return f"Remove-Item {', '.join(f'Env:{name}' for name in names)}"
    return f"{'set -e' if shell == 'fish' else 'unset'} {' '.join(names)}"


def in_use(env: Mapping[str, str]) -> str:
    """The one that this was typed in: the nearest above this process, else SHELL's."""
    with contextlib.suppress(psutil.Error):
        for parent in psutil.Process().parents():
            name = parent.name().removeprefix("-").lower()  # "-bash": a login shell
            if name in _PROGRAMS:
                return _PROGRAMS[name]
    return _PROGRAMS.get(Path(env.get("SHELL", "")).name, "sh")


def _sh(name: str, value: str) -> str:
    return f"export {name}={shlex.quote(value)}"


def _fish(name: str, value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"set -gx {name} '{escaped}'"


def _powershell(name: str, value: str) -> str:
    # It takes the typographic ones for quotes too.
    doubled = re.sub("(['\u2018\u2019\u201a\u201b])", r"\1\1", value)
    return f"$env:{name} = '{doubled}'"


SHELLS: dict[str, Callable[[str, str], str]] = {
    "sh": _sh,
    "fish": _fish,
    "powershell": _powershell,
}
