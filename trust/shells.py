"""The user's shell, and the lines that set and unset variables in it."""

from __future__ import annotations

import contextlib
import re
import shlex
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import psutil

# Shells by the names of their programs. make's own shell is an sh, below the user's.
_PROGRAMS = {
    **dict.fromkeys(("bash", "zsh", "ksh", "mksh", "ash"), "sh"),
    "fish": "fish",
    **dict.fromkeys(("pwsh", "powershell", "pwsh.exe", "powershell.exe"), "powershell"),
}


def render(variables: Mapping[str, str], shell: str) -> str:
    """The lines that set these variables. Raises KeyError for a shell that is not in SHELLS."""
    return "".join(f"{SHELLS[shell](name, value)}\n" for name, value in variables.items())


def unset(names: Iterable[str], shell: str) -> str:
    """The line that unsets these variables."""
    if shell == "powershell":
        return f"Remove-Item {', '.join(f'Env:{name}' for name in names)}"
    return f"{'set -e' if shell == 'fish' else 'unset'} {' '.join(names)}"


def in_use(env: Mapping[str, str]) -> str:
    """The user's shell: the nearest one above this process, else the one that SHELL names."""
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
    # PowerShell takes typographic quotes for quotes too.
    doubled = re.sub("(['\u2018\u2019\u201a\u201b])", r"\1\1", value)
    return f"$env:{name} = '{doubled}'"


SHELLS: dict[str, Callable[[str, str], str]] = {
    "sh": _sh,
    "fish": _fish,
    "powershell": _powershell,
}
