"""Clients whose program is compiled, where the temporary folder may run no program."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from certs.dotenv import CHECKOUT
from tests.support import programs as tests_programs
from tests.support.clients import runner
from trust.clients import programs
from trust.clients.base import Cause, Target, Verdict
from trust.clients.go import Go

GOS = 'echo "fork/exec /tmp/x/echo: permission denied" >&2; exit 1'
DOTNETS = "echo 'An error occurred trying to start process x: Permission denied' >&2; exit 1"
REFUSED = "echo 'x509: certificate signed by unknown authority' >&2; exit 1"


def noexec(monkeypatch: pytest.MonkeyPatch, *folders: Path) -> None:
    """As if these were mounted noexec."""
    monkeypatch.setattr(programs, "may_not_run_programs", lambda place: place in folders)


def client(folder: Path, script: str) -> Go:
    path = folder / "compiler"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return Go(str(path), "1.24")


@pytest.mark.parametrize("script", [GOS, DOTNETS], ids=["Go", "dotnet"])
def test_program_that_may_not_run_where_it_is_compiled_could_not_be_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    place = Path(tempfile.gettempdir())
    noexec(monkeypatch, place)
    proof = client(tmp_path, script).prove(Target(1), runner(tmp_path / "home"))
    assert proof.verdict is Verdict.UNKNOWN
    assert f"{place}, which is mounted noexec" in proof.why
    assert proof.fix == "TMPDIR=/var/tmp make doctor"


def test_gos_own_folder_is_named_where_that_is_the_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    noexec(monkeypatch, tmp_path, Path("/var/tmp"))  # noqa: S108
    asked = runner(tmp_path / "home", GOTMPDIR=str(tmp_path))
    proof = client(tmp_path, GOS).prove(Target(1), asked)
    assert proof.fix == f"GOTMPDIR={tmp_path / 'home'} make doctor"


@pytest.mark.parametrize(
    ("script", "is_noexec"), [(REFUSED, True), (GOS, False)], ids=["refused", "may run"]
)
def test_refusal_stays_one_whatever_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, is_noexec: bool
) -> None:
    noexec(monkeypatch, *([Path(tempfile.gettempdir())] if is_noexec else []))
    proof = client(tmp_path, script).prove(Target(1), runner(tmp_path / "home"))
    assert (proof.verdict, proof.cause) == (Verdict.FAIL, Cause.STORE)


@pytest.mark.programs
@pytest.mark.skipif(os.geteuid() != 0, reason="mounting needs root")
def test_go_alone_needs_to_run_files_of_the_temporary_folder(
    tmp_path: Path,
) -> None:
    if not shutil.which("go"):
        pytest.skip("go is not installed")
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    script = 'mount -t tmpfs -o noexec tmpfs "$TMPDIR" && exec "$@"'
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", script, "sh", *tests_programs.command("clients_refuse")],
        env=runner(tmp_path / "home", TMPDIR=str(temporary)).env,
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    verdicts = dict(line.split() for line in done.stdout.splitlines())
    assert verdicts.pop("go") == "UNKNOWN"
    verdicts.pop("dotnet", "")  # which was never tried
    assert set(verdicts.values()) == {"FAIL"}, "nothing listens on port 1"
