"""The first thing a new user runs says what is missing."""

from __future__ import annotations

import builtins
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from stack import bootstrap, fresh


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


@pytest.mark.parametrize(
    "conf", ["user = true", "target = {0}", "prefix = {0}\nroot = {0}", "dry-run = true"]
)
def test_packages_go_into_the_venv_whatever_pip_conf_says(
    bare: Path, package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, conf: str
) -> None:
    elsewhere = tmp_path / "elsewhere"
    # What it says of the index stays in force: the package is found there alone.
    index = f"[install]\nno-index = true\nfind-links = {tmp_path}\n"
    (tmp_path / "pip.conf").write_text(index + conf.format(elsewhere))
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)  # the environment is over the file
    monkeypatch.setenv("PIP_CONFIG_FILE", str(tmp_path / "pip.conf"))
    bootstrap.install(bare, package, "--force-reinstall", pip=sys.executable)
    assert bootstrap.lacks(bare, package) == ""
    assert not elsewhere.exists()


def test_packages_that_are_not_there_are_said(
    bare: Path, package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package.write_text("of-something-else==1\n")
    done = subprocess.CompletedProcess([], 0, b"of-something-else")
    monkeypatch.setattr(bootstrap, "run", lambda *_, **__: done)
    monkeypatch.setattr(bootstrap, "lacks", lambda *_: "of-something-else")
    with pytest.raises(bootstrap.InstallError, match="install of-something-else elsewhere"):
        bootstrap.install(bare, package)


def test_broken_off_command_ends_without_a_traceback(capfd: Any) -> None:
    program = "import os, signal, time; os.kill(os.getppid(), signal.SIGINT); time.sleep(60)"
    with pytest.raises(KeyboardInterrupt):
        bootstrap.run([sys.executable, "-c", program])
    assert "Traceback" not in capfd.readouterr().err


def with_sudo(monkeypatch: pytest.MonkeyPatch, *, owner: int, by: str) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setenv("SUDO_UID", by)
    status = os.stat_result((0o40755, 0, 0, 0, owner, owner, 0, 0, 0, 0))
    monkeypatch.setattr(Path, "stat", lambda _: status)


def test_make_up_with_sudo_is_refused_before_anything_is_written(
    monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setattr(bootstrap, "install_once", lambda _: pytest.fail("it wrote"))
    with_sudo(monkeypatch, owner=1000, by="1000")
    with pytest.raises(SystemExit) as exit_:
        bootstrap.main("requirements/stack.txt", "up")
    assert exit_.value.code == 1
    assert "Without sudo: make up" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("owner", "by"), [(0, "1000"), (1000, "1001"), (0, "0"), (1000, ""), (1000, "x")]
)
def test_root_of_its_own_checkout_is_not_refused(
    owner: int, by: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_sudo(monkeypatch, owner=owner, by=by)
    assert bootstrap.why_not_with_sudo() == ""


@pytest.fixture
def checkout_that_is_fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    monkeypatch.setattr(bootstrap, "install_once", lambda _: pytest.fail("it installed"))
    monkeypatch.setenv("PATH", str(tmp_path))  # no docker
    return tmp_path


@pytest.mark.parametrize(("command", "status"), [("status", 1), ("down", 0), ("logs", 1)])
def test_fresh_checkout_says_that_nothing_runs_and_installs_nothing(
    command: str, status: int, checkout_that_is_fresh: Path, capsys: Any
) -> None:
    with pytest.raises(SystemExit) as exit_:
        bootstrap.main("requirements/stack.txt", command)
    assert exit_.value.code == status
    assert "nothing runs" in capsys.readouterr().err
    assert list(checkout_that_is_fresh.iterdir()) == []


def test_fresh_checkout_asks_docker_for_what_runs_there(
    checkout_that_is_fresh: Path, capfd: Any
) -> None:
    docker = checkout_that_is_fresh / "docker"
    docker.write_text("#!/bin/sh\necho docker $*\n")
    docker.chmod(0o755)
    with pytest.raises(SystemExit) as exit_:
        bootstrap.main("requirements/stack.txt", "down")
    assert exit_.value.code == 0
    assert capfd.readouterr().out == "docker compose down --remove-orphans\n"


@pytest.mark.parametrize("left", [".venv", ".run"])
def test_checkout_where_make_up_ran_is_not_fresh(left: str, tmp_path: Path) -> None:
    (tmp_path / left).mkdir()
    assert not fresh.is_fresh(tmp_path)


def test_no_target_of_make_hears_of_what_is_for_other_pythons(checkout: Path) -> None:
    names = ("PYTHONHOME", "PYTHONPATH", "PYTHONSAFEPATH", "PYTHONINSPECT")
    shown = ["make", "--no-print-directory", "--eval", "shown: ; @env", "shown"]
    done = subprocess.run(
        shown,
        cwd=checkout,
        env={**os.environ, **dict.fromkeys(names, "1")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert not [line for line in done.stdout.splitlines() if line.startswith(names)]


@pytest.mark.parametrize(("by", "kept"), [("1000", False), ("", True)], ids=["sudo", "the user"])
def test_tools_that_sudo_runs_keep_no_caches_in_the_checkout(
    by: str, kept: bool, checkout: Path
) -> None:
    shown = ["make", "--no-print-directory", "--eval", "shown: ; @env", "shown"]
    done = subprocess.run(
        shown,
        cwd=checkout,
        env={"PATH": os.environ["PATH"], "SUDO_UID": by},
        capture_output=True,
        text=True,
        check=True,
    )
    wanted = {
        "RUFF_NO_CACHE=true",
        "MYPY_CACHE_DIR=/dev/null",
        "PYTEST_ADDOPTS= -p no:cacheprovider",
    }
    assert wanted.isdisjoint(done.stdout.splitlines()) is kept
    assert kept or wanted.issubset(done.stdout.splitlines())
