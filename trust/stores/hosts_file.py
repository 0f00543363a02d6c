"""/etc/hosts: a marked line for each name that would not lead to this stack without it.

The file has the interface of a trust store. A line ends with a part of the root's
fingerprint, so that each authority removes only its own lines.
"""

from __future__ import annotations

import configparser
import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from trust import distro
from trust.commands import Command, Runner
from trust.resolver import Name
from trust.root import Root
from trust.stores.base import ABSENT, TRUSTED, Presence, State, Store, read_only
from trust.stores.windows import is_wsl

KIND = "hosts"
_MARKED = re.compile(r"# wss-stack ([0-9a-f]{8})\s*$")
# The copy keeps the file's mode, owner and label. In a container the file is a mount, which
# no rename can replace, so there the file is written in place.
_REMOVE = """\
kept=$(grep -v {mark} {file}) || test $? = 1 || exit 1; \
cp -a {file} {new} 2>/dev/null && printf "%s\\n" "$kept" >{new} && mv -f {new} {file} 2>/dev/null \
|| {{ rm -f {new}; printf "%s\\n" "$kept" >{file}; }}"""


@dataclass
class HostsFile:
    """wanted: the address for each name that needs a line."""

    fs: Path
    place: str
    wanted: Mapping[str, str] = field(default_factory=dict)
    title: str = "names in /etc/hosts"
    kind: str = KIND

    def state(self, root: Root, runner: Runner) -> State:
        ours = _written(Path(self.place), root)
        if ours and all(ours.get(name) == address for name, address in self.wanted.items()):
            return TRUSTED
        # ABSENT, not UNAVAILABLE, so that old lines can still be removed.
        why, fix = self._in_the_way()
        return State(Presence.ABSENT, why, fix) if why else ABSENT

    def install_plan(self, root: Root) -> Sequence[Command]:
        """Adds lines, and keeps those of other names with this root, such as another
        checkout's."""
        ours = _written(Path(self.place), root)
        moved = any(ours.get(name, address) != address for name, address in self.wanted.items())
        new = {**ours, **self.wanted} if moved else self.wanted
        lines = [
            f"{address} {name} # {_mark(root)}"
            for name, address in new.items()
            if moved or name not in ours
        ]
        # The file's last line may have no newline.
        text = _read(Path(self.place))
        begin = [""] if text and not text.endswith("\n") and not moved else []
        typed = " ".join(f'"{line}"' for line in [*begin, *lines])
        append = f'printf "%s\\n" {typed} >>{shlex.quote(self.place)}'
        back = self.removal_plan(root) if moved else ()
        return (*back, Command(("sh", "-c", append), root=True))

    def removal_plan(self, root: Root) -> Sequence[Command]:
        """Empty if the file has no line of this root."""
        if not _written(Path(self.place), root):
            return ()
        file = Path(self.place).resolve()
        script = _REMOVE.format(
            mark=f'"# {_mark(root)}"',
            file=shlex.quote(str(file)),
            new=shlex.quote(f"{file}.wss-stack"),
        )
        return (Command(("sh", "-c", script), root=True),)

    def _in_the_way(self) -> tuple[str, str]:
        """The reason why a line would not count or not stay, and the fix."""
        path = Path(self.place)
        lines = " and ".join(f"{address} {name}" for name, address in self.wanted.items())
        if is_wsl(self.fs) and _generates_hosts(self.fs / "etc/wsl.conf"):
            return (
                "WSL writes /etc/hosts again at each start, from Windows' own file",
                f"add to C:\\Windows\\System32\\drivers\\etc\\hosts, as administrator: {lines}; "
                "or to /etc/wsl.conf, under [network]: generateHosts = false; then wsl --shutdown",
            )
        real = path.resolve()
        if str(real).startswith("/nix/store/") or distro.os_release(self.fs).get("ID") == "nixos":
            each = " ".join(f'networking.hosts."{a}" = [ "{n}" ];' for n, a in self.wanted.items())
            return "NixOS makes /etc/hosts from its configuration", f"add there: {each}"
        if read_only(real if real.exists() else real.parent):
            each = " ".join(f"--add-host {n}:{a}" for n, a in self.wanted.items())
            return (
                "/etc/hosts is on a read-only file system",
                f"add to it from outside: {lines}; for a container: docker run {each}",
            )
        for name, address in _names(
            line for line in _read(path).splitlines() if not _marks(line)
        ).items():
            if self.wanted.get(name, address) != address:
                return (
                    f"/etc/hosts has another line for {name}, which leads to {address}",
                    str(Command(("vi", str(path)), root=True)),
                )
        return "", ""


def find(names: Sequence[Name], fs: Path) -> Sequence[Store]:
    """The file, if a name needs a line, or has one of this project: another user may remove
    that one."""
    lines = _read(_path(fs)).splitlines()
    marked = _names(line for line in lines if _marks(line))
    wanted = {n.name: n.address for n in names if n.name in marked or not n.leads_here}
    return (HostsFile(fs, str(_path(fs)), wanted),) if wanted else ()


def has(name: Name, root: Root, fs: Path = Path("/")) -> bool:
    """Whether the file has a line of this root for this name."""
    return _written(_path(fs), root).get(name.name) == name.address


def at(place: str, title: str, runner: Runner, fs: Path) -> Store | None:
    """The file, to remove lines even if HOSTS has changed."""
    return HostsFile(fs, place) if place == str(_path(fs)) else None


def _path(fs: Path) -> Path:
    return fs / "etc/hosts"


def _written(path: Path, root: Root) -> dict[str, str]:
    """The names in the lines of this root."""
    lines = _read(path).splitlines()
    return _names(line for line in lines if _marks(line) == root.sha256[:8])


def _mark(root: Root) -> str:
    return f"wss-stack {root.sha256[:8]}"


def _marks(line: str) -> str:
    """The part of a fingerprint at the end of a marked line; empty for other lines."""
    found = _MARKED.search(line)
    return found[1] if found else ""


def _names(lines: Iterable[str]) -> dict[str, str]:
    """The address of each name; the first line counts."""
    found: dict[str, str] = {}
    for line in lines:
        address, *names = line.partition("#")[0].lower().split() or [""]
        for name in names:
            found.setdefault(name, address)
    return found


def _read(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except FileNotFoundError:
        return ""


def _generates_hosts(conf: Path) -> bool:
    """WSL's default is yes (https://learn.microsoft.com/windows/wsl/wsl-config)."""
    parsed = configparser.ConfigParser(strict=False, interpolation=None)
    try:
        parsed.read(conf)
        return parsed.getboolean("network", "generateHosts", fallback=True)
    except (configparser.Error, ValueError, OSError):
        return True
