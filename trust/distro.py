"""This machine's Linux distribution, and the names of its packages."""

from __future__ import annotations

import shlex
from pathlib import Path

from trust.commands import Command

DEBIAN, FEDORA, ALPINE, ARCH, SUSE = "debian", "fedora", "alpine", "arch", "suse"

_FAMILIES = {
    "debian": DEBIAN,
    "ubuntu": DEBIAN,
    "fedora": FEDORA,
    "rhel": FEDORA,
    "centos": FEDORA,
    "alpine": ALPINE,
    "arch": ARCH,
    "suse": SUSE,
    "opensuse": SUSE,
}
_INSTALL = {
    DEBIAN: "apt-get install",
    FEDORA: "dnf install",
    ALPINE: "apk add",
    ARCH: "pacman -S",
    SUSE: "zypper install",
}
_PACKAGES = {
    "certutil": {
        DEBIAN: "libnss3-tools",
        FEDORA: "nss-tools",
        ALPINE: "nss-tools",
        ARCH: "nss",
        SUSE: "mozilla-nss-tools",
    },
    "keytool": {
        DEBIAN: "default-jre-headless",
        FEDORA: "java-latest-openjdk-headless",
        ALPINE: "openjdk21-jre-headless",
        ARCH: "jre-openjdk-headless",
        SUSE: "java-21-openjdk-headless",
    },
    "javac": {
        DEBIAN: "default-jdk-headless",
        FEDORA: "java-latest-openjdk-devel",
        ALPINE: "openjdk21-jdk",
        ARCH: "jdk-openjdk",
        SUSE: "java-21-openjdk-devel",
    },
    "wget": {ALPINE: "wget"},
    "trust": {ARCH: "p11-kit"},
    "update-ca-certificates": {
        DEBIAN: "ca-certificates",
        ALPINE: "ca-certificates",
        SUSE: "ca-certificates",
    },
    "update-ca-trust": {FEDORA: "ca-certificates"},
}


def family(fs: Path) -> str:
    """debian, fedora, alpine, arch or suse, also for a distribution derived from one of them;
    empty for others."""
    said = os_release(fs)
    # ID_LIKE goes from the closest relative to the farthest.
    for name in [said.get("ID", ""), *said.get("ID_LIKE", "").split()]:
        known = _FAMILIES.get(name) or _FAMILIES.get(name.partition("-")[0])
        if known:
            return known
    return ""


def package(tool: str, fs: Path) -> str:
    """The name of the tool's package here; empty if it is not known."""
    return _PACKAGES.get(tool, {}).get(family(fs), "")


def install_command(tool: str, fs: Path) -> str:
    """The command that installs the tool's package; an advice in words if the package is not
    known."""
    name = package(tool, fs)
    if not name:
        return f"install {tool}, then again"
    return str(Command((*_INSTALL[family(fs)].split(), name), root=True))


def os_release(fs: Path) -> dict[str, str]:
    """The values of /etc/os-release; empty if there is none."""
    for path in (fs / "etc/os-release", fs / "usr/lib/os-release"):
        try:
            # Values are quoted as in a shell (os-release(5)).
            words = shlex.split(path.read_text(errors="replace"), comments=True)
        except (OSError, ValueError):
            continue
        return {name: value for name, _, value in (word.partition("=") for word in words)}
    return {}
