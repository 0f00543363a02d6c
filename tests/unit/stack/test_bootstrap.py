"""The first thing a new user runs says what is missing."""

from __future__ import annotations

import builtins
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from stack import bootstrap


def test_an_old_python_is_named(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    with pytest.raises(SystemExit) as exit_:
        bootstrap.check_python()
    assert exit_.value.code == 1
    assert "3.11 or newer is needed" in capsys.readouterr().err


def test_a_missing_venv_names_the_package(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    real = builtins.__import__

    def without_venv(name: str, *arguments: Any, **options: Any) -> Any:
        if name == "ensurepip":
            raise ImportError(name)
        return real(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", without_venv)
    with pytest.raises(SystemExit) as exit_:
        bootstrap.check_python()
    assert exit_.value.code == 1
    assert f"sudo apt install python{bootstrap.HERE}-venv" in capsys.readouterr().err


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A venv without pip, which no index is needed for."""
    venv = tmp_path_factory.mktemp("bare") / ".venv"
    bootstrap.make(venv, "--without-pip")
    return venv


def test_venv_that_was_made_to_its_end_is_whole(bare: Path) -> None:
    assert bootstrap.is_whole(bare)


def test_venv_whose_python_was_removed_is_not_whole(bare: Path) -> None:
    python = bare / "bin" / "python"
    target = python.readlink()
    python.unlink()
    python.symlink_to("/usr/bin/python3.2")
    try:
        assert not bootstrap.is_whole(bare)
    finally:
        python.unlink()
        python.symlink_to(target)


def test_venv_of_another_minor_version_is_not_whole(bare: Path) -> None:
    made = (bare / "made").read_text()
    (bare / "made").write_text("3.2.1 (an older one)")
    assert not bootstrap.is_whole(bare)
    # A patch release keeps the folder of the packages.
    (bare / "made").write_text(f"{bootstrap.HERE}.0 (the one before)")
    assert bootstrap.is_whole(bare)
    (bare / "made").write_text(made)


def test_folder_without_a_venv_is_not_whole(tmp_path: Path) -> None:
    assert not bootstrap.is_whole(tmp_path)
    (tmp_path / "made").write_text(sys.version)
    assert not bootstrap.is_whole(tmp_path)


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A requirements file for one package, of nothing, that needs no index."""
    wheel = tmp_path / "of_nothing-1-py3-none-any.whl"
    info = "of_nothing-1.dist-info"
    with zipfile.ZipFile(wheel, "w") as file:
        file.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: of-nothing\nVersion: 1\n")
        file.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\n")
        file.writestr(f"{info}/RECORD", "")
    requirements = tmp_path / "requirements.txt"
    requirements.write_text("of-nothing==1\n")
    return requirements


PLACES = ["PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_DRY_RUN"]


@pytest.mark.parametrize("name", PLACES)
def test_packages_go_into_the_venv_whatever_the_shell_says(
    bare: Path, package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    elsewhere = tmp_path / "elsewhere"
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    monkeypatch.setenv(name, "1" if name in ("PIP_USER", "PIP_DRY_RUN") else str(elsewhere))
    bootstrap.install(bare, package, "--no-index", "--force-reinstall", pip=sys.executable)
    assert bootstrap.lacks(bare, package) == ""
    assert not elsewhere.exists()


def test_packages_that_a_configuration_sends_elsewhere_are_said(
    tmp_path: Path, package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bootstrap.make(tmp_path / "venv", "--without-pip")
    (tmp_path / "pip.conf").write_text(f"[install]\ntarget = {tmp_path / 'elsewhere'}\n")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(tmp_path / "pip.conf"))
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    with pytest.raises(bootstrap.InstallError, match="installed of-nothing elsewhere"):
        bootstrap.install(tmp_path / "venv", package, "--no-index", pip=sys.executable)


def test_broken_off_command_ends_without_a_traceback(capfd: Any) -> None:
    program = "import os, signal, time; os.kill(os.getppid(), signal.SIGINT); time.sleep(60)"
    with pytest.raises(KeyboardInterrupt):
        bootstrap.run([sys.executable, "-c", program])
    assert "Traceback" not in capfd.readouterr().err
