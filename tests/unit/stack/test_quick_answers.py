"""Commands that people wait for load and ask no more than they need."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from certs.dotenv import CHECKOUT
from stack import containers

# Each takes 40 to 100 ms to import, and `make status` needs none.
SLOW = ("asyncio", "cryptography", "rich", "supervisor", "trustme", "websockets")


def test_status_imports_no_slow_package() -> None:
    program = f"import sys, stack.cli; print(*(n for n in {SLOW} if n in sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=CHECKOUT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == []


def may_be_there(folder: Path, *, said: str = "", status: int = 0) -> bool:
    """The answer for the project `shop` in this folder, where docker prints `said`."""
    program = folder / "docker"
    program.write_text(f"#!/bin/sh\nprintf '{said}'\nexit {status}\n")
    program.chmod(0o755)
    return containers.may_be_there("shop", folder, {"PATH": f"{folder}:/usr/bin:/bin"})


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / "docker-compose.yml").touch()
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "docker-compose.yml").touch()
    return tmp_path


def test_machine_without_containers_of_this_checkout_is_seen_at_once(checkout: Path) -> None:
    assert not may_be_there(checkout)
    assert not may_be_there(checkout, said=f"wiki\\t{checkout}/other\\n")


@pytest.mark.parametrize(
    "said",
    ["shop\\t{0}/other\\n", "old-name\\t{0}\\n", "wiki\\t{0}/other\\nwiki\\t{0}/moved-away\\n"],
    ids=["project", "folder", "folder that is gone"],
)
def test_containers_that_may_be_of_this_checkout_are_left_to_compose(
    said: str, checkout: Path
) -> None:
    assert may_be_there(checkout, said=said.format(checkout))


def test_docker_that_fails_may_have_containers(checkout: Path) -> None:
    assert may_be_there(checkout, status=1)


def test_machine_without_docker_has_no_containers(checkout: Path) -> None:
    assert not containers.may_be_there("shop", checkout, {"PATH": str(checkout / "other")})
