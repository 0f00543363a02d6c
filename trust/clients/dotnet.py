""".NET, which on Linux reads OpenSSL's folder and file of the system's store. Untried.

It follows the documentation: a single C# file from SDK 10 on
(https://learn.microsoft.com/dotnet/core/sdk/file-based-apps), an F# script before
(https://learn.microsoft.com/dotnet/fsharp/tools/fsharp-interactive). The store is in
https://github.com/dotnet/runtime, pal_x509_root.c.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from trust.clients import programs
from trust.clients.base import AGAIN, Cause, Proof, Target, Verdict, unknown
from trust.commands import CommandError, Runner

_FIRST_WITH_FILES = 10
_REFUSED = "Exception: "  # every failure of the program has this text
_TIMEOUT = 180.0  # a first run compiles
# No telemetry, no question, no certificate for the user, and messages in English.
_ENV = {
    "DOTNET_CLI_TELEMETRY_OPTOUT": "1",
    "DOTNET_NOLOGO": "1",
    "DOTNET_GENERATE_ASPNET_CERTIFICATE": "false",
    "DOTNET_ADD_GLOBAL_TOOLS_TO_PATH": "false",
    "DOTNET_CLI_WORKLOAD_UPDATE_NOTIFY_DISABLE": "1",
    "DOTNET_CLI_UI_LANGUAGE": "en",
    "MSBUILDDISABLENODEREUSE": "1",
}
# Folders for the first run's files, packages and compiled files, removed after the proof.
_FOLDERS = {"DOTNET_CLI_HOME": "cli", "NUGET_PACKAGES": "packages", "XDG_DATA_HOME": "data"}


@dataclass(frozen=True)
class DotNet:
    """version: the SDK's; "" if there is only a runtime."""

    path: str
    version: str
    kind: str = "dotnet"
    name: str = ".NET"

    def prove(self, target: Target, runner: Runner) -> Proof:
        if not self.version:
            why = "needs an SDK: this is a runtime, which compiles nothing"
            return unknown(why, f"install the .NET SDK, then: {AGAIN}")
        file, *arguments = plan(self.version)
        proof = programs.prove(
            runner,
            target,
            (self.path, *arguments),
            file,
            Cause.STORE,
            env=_ENV,
            folders=_FOLDERS,
            timeout=_TIMEOUT,
            marks=(_REFUSED, "error "),
        )
        if proof.verdict is Verdict.FAIL and _REFUSED not in proof.why:
            return unknown(f"its program did not run: {proof.why}")
        return proof


def plan(version: str) -> tuple[str, ...]:
    """The program for this SDK, and dotnet's arguments to run it."""
    major = int(version.partition(".")[0])
    if major >= _FIRST_WITH_FILES:
        return ("echo.cs", "run", "echo.cs", "--")
    return ("echo.fsx", "fsi", "--quiet", "echo.fsx")


def find(_: Mapping[str, str], runner: Runner, __: Path) -> Sequence[DotNet]:
    path = runner.which("dotnet")
    if not path:
        return []
    try:
        said = runner.look(path, "--list-sdks").out
    except CommandError:
        return []
    return [DotNet(path, newest(said))]


def newest(sdks: str) -> str:
    """The newest version in the lines of `dotnet --list-sdks`, such as
    10.0.100 [/usr/share/dotnet/sdk]."""
    versions = re.findall(r"^(\d+(?:\.\d+)+\S*) \[", sdks, re.MULTILINE)
    return max(versions, key=lambda text: [int(n) for n in re.findall(r"\d+", text)], default="")
