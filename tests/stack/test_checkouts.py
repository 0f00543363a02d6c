"""Checkouts in folders of one name, and in folders that Compose can make no name of."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from stack.base import StackError
from stack.docker import Docker
from stack.settings import read
from tests.support.checkouts import compose, enter, other_checkout
from tests.support.ports import free_port

MODES = ("docker",)

pytestmark = pytest.mark.usefixtures("mode_or_skip")


def there(folder: Path, **env: str) -> Docker:
    ports = {"HTTPS_PORT": str(free_port()), "HTTP_PORT": str(free_port())}
    return Docker(read({"HOME": str(folder), "STATE_DIR": str(folder / "run"), **ports, **env}))


@pytest.fixture
def first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A checkout with a container."""
    folder = tmp_path / "first" / f"wss-test-{uuid.uuid4().hex[:12]}"
    other_checkout(folder, monkeypatch)
    compose(folder, "create")
    yield folder
    ours = ("--project-name", folder.name, "--project-directory", str(tmp_path))
    compose(tmp_path, *ours, "down", "--rmi", "local")


def test_containers_of_another_checkout_are_left_alone(
    first: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    second = tmp_path / "second" / first.name
    other_checkout(second, monkeypatch)
    before = compose(first, "ps", "--all", "--quiet")
    own = there(tmp_path)
    assert not own.running()
    own.down()
    with pytest.raises(StackError) as refusal:
        own.up()
    assert str(first) in str(refusal.value)
    assert f"COMPOSE_PROJECT_NAME={first.name}-2 into {second}/.env" in str(refusal.value)
    assert compose(first, "ps", "--all", "--quiet") == before
    assert not there(tmp_path, COMPOSE_PROJECT_NAME=f"{first.name}-2").running()


def test_checkout_that_was_moved_has_its_containers(
    first: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved = tmp_path / "moved" / first.name
    moved.parent.mkdir()
    shutil.move(first, moved)
    enter(moved, monkeypatch)
    assert there(tmp_path).running()


def test_checkout_that_was_entered_through_a_link_has_its_containers(
    first: Path, tmp_path: Path
) -> None:
    there(tmp_path).down()
    (tmp_path / "link").symlink_to(first.parent)
    compose(tmp_path / "link" / first.name, "create")
    assert there(tmp_path).running()


@pytest.mark.parametrize("name", ["проект", "日本", "_-_"])
def test_folder_that_compose_has_no_name_for_can_be_used(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / name
    other_checkout(folder, monkeypatch)
    own = there(tmp_path)
    assert not own.running()
    own._run("create", "--quiet-pull")
    try:
        assert [service.name for service in own.status()] == ["other"]
        other_checkout(tmp_path / "elsewhere" / name, monkeypatch)
        assert not there(tmp_path).running()
    finally:
        enter(folder, monkeypatch)
        own._run("down", "--rmi", "local")
    assert not own.running()


def test_folder_that_compose_has_a_name_for_is_left_to_compose(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("Мой проект 2", "wss-stack", "50% new clone"):
        other_checkout(tmp_path / name, monkeypatch)
        assert "COMPOSE_PROJECT_NAME" not in there(tmp_path)._env
