"""When Docker's base images are pulled, and what happens where no registry answers."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import pytest

from certs import output
from stack import base_images
from stack.base import StackError

NGINX, PYTHON = (base_images.names()[f"{name}_IMAGE"] for name in ("NGINX", "PYTHON"))


class Engine:
    """A docker command that records its pulls."""

    def __init__(self) -> None:
        self.stand_ins: set[str] = set()
        self.answers = True
        self.pulled: list[str] = []

    def __call__(self, *arguments: str, quiet: bool = False) -> subprocess.CompletedProcess[str]:
        image = arguments[-1]
        if arguments[0] == "image":
            made_of = "debian-sid" if image in self.stand_ins else ""
            return subprocess.CompletedProcess(arguments, 0, f"{made_of}\n")
        self.pulled.append(image)
        return subprocess.CompletedProcess(arguments, 0 if self.answers else 1, "")


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Engine:
    made = Engine()
    monkeypatch.setattr(base_images, "_docker", made)
    return made


def refresh(state: Path, *, forced: bool = False) -> list[str]:
    said: list[str] = []
    with output.told(said.append):
        base_images.refresh(state, forced=forced)
    return said


def test_tags_follow_the_patch_releases_of_a_branch() -> None:
    assert NGINX == "nginx:1.30"
    assert PYTHON == "python:3.13-slim-trixie"


def test_images_are_pulled_once_a_week(engine: Engine, tmp_path: Path) -> None:
    state = tmp_path / "run"
    assert refresh(state) == [f"pulling {PYTHON}", f"pulling {NGINX}"]
    assert refresh(state) == []
    a_week_ago = time.time() - base_images.WEEK - 1
    os.utime(state / "base-images-pulled", (a_week_ago, a_week_ago))
    assert refresh(state) == [f"pulling {PYTHON}", f"pulling {NGINX}"]
    assert engine.pulled == [PYTHON, NGINX] * 2


def test_images_are_pulled_at_once_when_asked_for(engine: Engine, tmp_path: Path) -> None:
    refresh(tmp_path)
    assert refresh(tmp_path, forced=True) == [f"pulling {PYTHON}", f"pulling {NGINX}"]


def test_stand_in_is_pulled_only_when_asked_for(engine: Engine, tmp_path: Path) -> None:
    engine.stand_ins = {NGINX}
    assert refresh(tmp_path) == [f"pulling {PYTHON}"]
    assert f"pulling {NGINX}" in refresh(tmp_path, forced=True)


def test_silent_registry_keeps_nobody_from_starting(engine: Engine, tmp_path: Path) -> None:
    engine.answers = False
    for _ in range(2):  # it is tried again at the next start
        assert refresh(tmp_path)[-1] == (
            f"{PYTHON} could not be pulled, see above; going on with what is here"
        )


def test_silent_registry_is_an_error_when_a_pull_is_asked_for(
    engine: Engine, tmp_path: Path
) -> None:
    engine.answers = False
    with pytest.raises(StackError, match="To start with what is here: make up"):
        refresh(tmp_path, forced=True)
