"""The base images' tags follow patch releases, and a start in Docker pulls them."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from stack import base_images
from stack.docker import Docker
from tests.support.registry import registry
from tests.support.running import Running

MODES = ("docker",)

BASE = base_images.names()["NGINX_IMAGE"]


def docker(*arguments: str, recipe: str = "") -> None:
    done = subprocess.run(
        ["docker", *arguments], input=recipe, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def build(image: str, release: str) -> None:
    """A base image whose /release says which one it is."""
    # It is no stand-in: the label that says so would keep it from being pulled.
    recipe = f"FROM {BASE}\nRUN echo {release} > /release\nLABEL stand-in=\n"
    docker("build", "--quiet", "--tag", image, "-", recipe=recipe)


def publish(image: str, *, newer: str, here: str) -> None:
    """The registry has a newer patch release than this machine."""
    build(image, newer)
    docker("push", "--quiet", image)
    build(image, here)


@pytest.fixture
def image(own: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A base image in a registry: its newest patch release, of which the machine has the
    one before."""
    with registry(tmp_path) as address:
        tag = f"{address}/{BASE}"
        publish(tag, newer="new", here="old")
        # The project's own build, from this base image alone.
        monkeypatch.setattr(base_images, "names", lambda: {"NGINX_IMAGE": tag})
        override = tmp_path / "compose.yml"
        override.write_text(f"services: {{nginx: {{build: {{args: {{NGINX_IMAGE: '{tag}'}}}}}}}}\n")
        base = Path("docker-compose.yml").resolve()
        own.configure(COMPOSE_FILE=f"{base}{os.pathsep}{override}")
        yield tag
        own.down()
        docker("image", "rm", tag)


def release(own: Running) -> str:
    return own.compose("exec", "-T", "nginx", "sh", "-c", "cat /release").strip()


def test_newer_patch_release_is_pulled_once_a_week_and_when_asked_for(
    own: Running, image: str
) -> None:
    compose_file = {"COMPOSE_FILE": own.env["COMPOSE_FILE"]}
    stamp = own.settings.state_dir / "base-images-pulled"
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.touch()
    own.up(**compose_file)
    assert release(own) == "old"
    assert not any("pulling" in text for text in own.said)
    long_ago = time.time() - base_images.WEEK - 1
    os.utime(stamp, (long_ago, long_ago))
    assert own.up(**compose_file) is True
    assert release(own) == "new"
    assert own.said.count(f"pulling {image}") == 1
    publish(image, newer="newest", here="new")
    own.up(**compose_file)
    assert release(own) == "new"
    Docker(own.settings, pull=True).up()
    assert release(own) == "newest"


def test_stand_in_that_is_behind_is_called_one(own: Running) -> None:
    own.up()
    told = own.stack.nginx()
    assert "(in Docker)" in told
    if "behind" in told and base_images.stand_in(BASE):
        assert f"a stand-in of {base_images.stand_in(BASE)}" in told
    assert next(s.state for s in own.stack.status() if s.name == "nginx").endswith(told)
