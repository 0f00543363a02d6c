"""How .NET is run, as data: no SDK is here. What a `dotnet` is told, and what is made of
what it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.clients import runner
from trust.clients import dotnet
from trust.clients.base import PROVEN_BY_ECHO, Cause, Target, Verdict, refused
from trust.clients.dotnet import DotNet
from trust.commands import Runner

# As documented for `dotnet --list-sdks`.
SDKS = {
    "one": ("9.0.308 [/usr/share/dotnet/sdk]\n", "9.0.308"),
    "several, by number": (
        "8.0.416 [/usr/lib/dotnet/sdk]\n10.0.100 [/usr/lib/dotnet/sdk]\n9.0.308 [/x]\n",
        "10.0.100",
    ),
    "a preview, in a folder with a space": (
        "11.0.100-preview.3.26207.106 [/home/ada/my sdks/sdk]\n",
        "11.0.100-preview.3.26207.106",
    ),
    "a runtime alone": ("", ""),
    "a first run's greeting": ("Welcome to .NET 10.0!\n----\n10.0.100 [/sdk]\n", "10.0.100"),
}


@pytest.mark.parametrize(("said", "version"), SDKS.values(), ids=SDKS)
def test_newest_sdk_is_the_one_that_runs(said: str, version: str) -> None:
    assert dotnet.newest(said) == version


PLANS = {
    "10.0.100": ("echo.cs", "run", "echo.cs", "--"),
    "11.0.100-preview.3.26207.106": ("echo.cs", "run", "echo.cs", "--"),
    "9.0.308": ("echo.fsx", "fsi", "--quiet", "echo.fsx"),
    "6.0.428": ("echo.fsx", "fsi", "--quiet", "echo.fsx"),
}


@pytest.mark.parametrize(("version", "plan"), PLANS.items(), ids=PLANS)
def test_sdk_from_10_on_runs_a_csharp_file_and_an_older_one_an_fsharp_script(
    version: str, plan: tuple[str, ...]
) -> None:
    assert dotnet.plan(version) == plan


def fake(folder: Path, script: str, sdks: str = "10.0.100 [/sdk]") -> Runner:
    """A runner with a `dotnet` on PATH that lists these SDKs, and else does as the script."""
    path = folder / "dotnet"
    listed = f"echo '{sdks}'" if sdks else ":"
    path.write_text(f'#!/bin/sh\nif [ "$1" = --list-sdks ]; then {listed}; exit; fi\n{script}\n')
    path.chmod(0o755)
    return runner(folder / "home", PATH=f"{folder}:/usr/bin:/bin")


def found(asked: Runner) -> DotNet:
    (client,) = dotnet.find(asked.env, asked, Path("/"))
    return client


def test_echo_that_came_back_is_a_pass_and_leaves_nothing(tmp_path: Path) -> None:
    # Three things dotnet is told first, then the port, the address and the text.
    asked = fake(
        tmp_path,
        """[ "$1 $2 $3" = "run echo.cs --" ] && [ -f echo.cs ] || exit 9
for folder in "$DOTNET_CLI_HOME" "$NUGET_PACKAGES" "$XDG_DATA_HOME"; do
    case "$folder" in "$PWD"/*) touch "$folder/written" || exit 8;; *) exit 7;; esac
done
echo "$6" """,
    )
    assert found(asked).prove(Target(1), asked) == PROVEN_BY_ECHO
    assert list((tmp_path / "home").iterdir()) == []


CHAIN = (
    "AuthenticationException: The remote certificate is invalid because of errors in the "
    "certificate chain: PartialChain"
)


def test_certificate_that_it_refuses_is_a_failure_of_the_store(tmp_path: Path) -> None:
    asked = fake(tmp_path, f"echo '{CHAIN}' >&2; exit 1", "9.0.308 [/sdk]")
    assert found(asked).prove(Target(1), asked) == refused(CHAIN, Cause.STORE)


def test_program_that_was_not_compiled_could_not_be_checked(tmp_path: Path) -> None:
    said = "echo.cs(1,1): error CS0246: The type or namespace name"
    asked = fake(tmp_path, f"echo '{said}'; echo; echo 'The build failed.' >&2; exit 1")
    proof = found(asked).prove(Target(1), asked)
    assert (proof.verdict, proof.why) == (Verdict.UNKNOWN, f"its program did not run: {said}")


def test_runtime_without_an_sdk_could_not_be_checked(tmp_path: Path) -> None:
    asked = fake(tmp_path, "exit 1", sdks="")
    proof = found(asked).prove(Target(1), asked)
    assert proof.verdict is Verdict.UNKNOWN
    assert "needs an SDK" in proof.why


def test_machine_without_dotnet_has_no_row(tmp_path: Path) -> None:
    asked = runner(tmp_path, PATH=str(tmp_path))
    assert dotnet.find(asked.env, asked, Path("/")) == []
