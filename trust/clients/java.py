"""Java, in which each JVM has its own keystore."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from trust import distro, jvms
from trust.clients import programs
from trust.clients.base import Cause, Proof, Target, Verdict, unknown
from trust.commands import CommandError, Runner

# From 11 on Java has java.net.http, and runs a source file directly.
_FIRST = 11


@dataclass(frozen=True)
class Java:
    """keystore: the one that this Java reads; "" if its home is not known."""

    path: str
    version: str
    keystore: str = ""
    kind: str = "java"
    name: str = "Java"

    def prove(self, target: Target, runner: Runner) -> Proof:
        major = re.match(r"(?:1\.)?(\d+)", self.version)
        if major and int(major[1]) < _FIRST:
            return unknown(f"needs a JDK of version {_FIRST} or later", _jdk())
        proof = programs.prove(
            runner,
            target,
            (self.path, "-XX:TieredStopAtLevel=1", "Echo.java"),
            "Echo.java",
            Cause.STORE,
            marks=("jdk.compiler",),
        )
        if proof.verdict is Verdict.FAIL and "jdk.compiler" in proof.why:
            return unknown("needs a JDK: this is a runtime without the compiler", _jdk())
        return proof


def _jdk() -> str:
    """The command that installs one."""
    return distro.install_command("javac", Path("/"))


def find(env: Mapping[str, str], runner: Runner, fs: Path) -> Sequence[Java]:
    """The java of each JVM whose keystores get the root."""
    found: dict[Path, Java] = {}
    for jvm in jvms.find(env, runner, fs):
        path = jvm.program.resolve() if jvm.program else None
        if path and path not in found and (said := _version(runner, path)):
            # jssecacerts comes last, and Java then ignores the cacerts beside it.
            keystore = str(jvm.keystores[-1]) if jvm.keystores else ""
            found[path] = Java(str(path), f"{said} ({path})", keystore)
    return list(found.values())


def _version(runner: Runner, path: Path) -> str:
    """ "" for a java that does not start, such as macOS' stub."""
    try:
        found = re.search(r'version "([^"]+)"', runner.look(str(path), "-version").err)
    except CommandError:
        return ""
    return found[1] if found else ""
