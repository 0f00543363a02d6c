"""The checks that read the files and run nothing of them."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import certs.settings
from certs import nginx_values
from certs.dotenv import CHECKOUT, merged_environment
from stack.local import nginx, render
from stack.settings import read

_SWARM = ("LEAF_SECRET=a", "VALUES_CONFIG=b", "IMAGE_OF_APP=c", "IMAGE_OF_NGINX=d")


def run(*command: str | Path) -> None:
    done = subprocess.run(list(command), cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(("ruff", "check"), id="ruff"),
        pytest.param(("ruff", "format", "--check"), id="format"),
        pytest.param(("mypy",), id="mypy"),
        pytest.param(("codespell_lib",), id="spelling"),
    ],
)
def test_python_is_clean(arguments: tuple[str, ...]) -> None:
    run(sys.executable, "-m", *arguments)


def test_shell_scripts_are_clean() -> None:
    if not shutil.which("shellcheck"):
        pytest.skip("shellcheck is not installed: apt install shellcheck")
    ci = [".ci/run", ".ci/covered", ".ci/engine", ".ci/offline-images", ".ci/test-machine"]
    ours = ["nginx/entrypoint.sh", "examples/http2/run.sh"]
    run("shellcheck", *ours, *ci, *(CHECKOUT / "tests/programs").glob("*.sh"))


def test_workflow_is_clean() -> None:
    run(Path(sys.executable).parent / "zizmor", "--offline", "--quiet", ".github")


def test_compose_file_is_valid() -> None:
    if not shutil.which("docker"):
        pytest.skip("docker is not installed")
    for more in ([], ["-f", "examples/http2/compose.yml"]):
        run("docker", "compose", "-f", "docker-compose.yml", *more, "config", "--quiet")


def test_swarm_file_is_valid() -> None:
    if not shutil.which("docker"):
        pytest.skip("docker is not installed")
    run("env", *_SWARM, "docker", "stack", "config", "--compose-file", "deploy/swarm.yml")


def test_swarm_gives_nginx_all_settings_that_its_values_are_made_from() -> None:
    # nginx waits for values that were made from the same settings (nginx/entrypoint.sh).
    text = (CHECKOUT / "deploy" / "swarm.yml").read_text()
    of_nginx = text.partition("\n  nginx:\n")[2].partition("\nsecrets:\n")[0]
    assert set(nginx_values.RAW) <= set(re.findall(r"^      ([A-Z_]+):", of_nginx, re.MULTILINE))


@pytest.fixture
def rendered(tmp_path: Path) -> Path:
    settings = read({**merged_environment(), "LEAF_DIR": str(tmp_path), "HOME": str(tmp_path)})
    values = render.variables(settings, tmp_path, http2=nginx.find(None).http2)
    render.render(values, tmp_path / "nginx")
    return tmp_path / "nginx"


def test_nginx_accepts_its_configuration(rendered: Path) -> None:
    nginx.test(nginx.find(None), rendered, rendered)


def test_gixy_finds_nothing_in_it(rendered: Path) -> None:
    # Left out: HSTS, which on localhost would hit every port, and last.
    run(Path(sys.executable).parent / "gixy", "--skips", "hsts_header", rendered / "nginx.conf")


def test_every_variable_of_the_templates_is_filled_in_docker_too() -> None:
    templates = "".join(p.read_text() for p in (CHECKOUT / "nginx/templates").iterdir())
    script = (CHECKOUT / "nginx/entrypoint.sh").read_text()
    exported = " ".join(re.findall(r"^export (.*)", script, re.MULTILINE))
    fixed = re.findall(r"(?:^| )([A-Z][A-Z0-9_]+)(?==|$)", exported)
    checked = nginx_values.in_docker(certs.settings.read({"HOME": "/home/somebody"}))
    used = set(re.findall(r"\$\{([A-Z][A-Z0-9_]*)\}", templates))
    assert used == {*fixed, *checked}


def test_the_lock_is_in_step_with_pyproject() -> None:
    groups = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["dependency-groups"]
    for group, entries in groups.items():
        lock = (CHECKOUT / "requirements" / f"{group}.txt").read_text()
        locked = dict(re.findall(r"^([a-z0-9-]+)==([^ ;\\]+)", lock, re.MULTILINE))
        for entry in entries:
            if isinstance(entry, dict):
                included = (CHECKOUT / "requirements" / f"{entry['include-group']}.txt").read_text()
                names = dict(re.findall(r"^([a-z0-9-]+)==([^ ;\\]+)", included, re.MULTILINE))
                assert names.items() <= locked.items(), f"make lock: {group} lags behind"
            else:
                requirement = Requirement(entry)
                assert requirement.specifier.contains(locked[requirement.name]), entry


def test_the_lock_names_no_index() -> None:
    for lock in (CHECKOUT / "requirements").glob("*.txt"):
        assert "://" not in lock.read_text(), lock


def test_no_file_has_grown_too_long() -> None:
    names = subprocess.run(
        ["git", "ls-files", "-z"], cwd=CHECKOUT, capture_output=True, text=True, check=True
    ).stdout.split("\0")
    for name in filter(None, names):
        path = CHECKOUT / name
        if path.suffix in {".py", ".js", ".sh", ".conf", ".template", ".yml"} and path.exists():
            assert len(path.read_text().splitlines()) <= 260, name
