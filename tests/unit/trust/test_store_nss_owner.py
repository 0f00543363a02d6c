"""NSS databases that another user has: root's, after sudo chromium."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Generator
from pathlib import Path

import pytest

from tests.support import jvms, nss
from tests.support.jvms import NOBODY
from tests.support.nss import OLD, Home
from trust.commands import Command
from trust.root import Root
from trust.stores.base import ABSENT, Presence, State
from trust.stores.nss import NssStore

root = nss.root
step_down = jvms.step_down
pytestmark = [
    pytest.mark.skipif(os.getuid() != 0, reason="only root can leave a file to root"),
    pytest.mark.skipif(not shutil.which("certutil"), reason="certutil is not installed"),
]


@pytest.fixture
def home() -> Generator[Home]:
    """Where another user can look into: pytest's folders are closed to them."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        made = Home(Path(folder))
        os.chown(made.path, NOBODY, NOBODY)
        made.env["PATH"] = os.defpath
        yield made


@pytest.fixture
def roots(home: Home) -> NssStore:
    """The database that sudo chromium left behind."""
    place = home.path / OLD
    place.mkdir(parents=True)
    home.certutil("-N", "-d", f"sql:{place}", "--empty-password")
    os.chown(place.parent, NOBODY, NOBODY)
    return home.store(OLD)


def give(path: Path) -> str:
    return str(Command(("chown", "-R", f"{NOBODY}:{NOBODY}", str(path)), root=True))


MODES = {
    "readable": (0o755, 0o644, Presence.ABSENT, "is read-only"),
    "closed": (0o700, 0o600, Presence.UNAVAILABLE, "cannot be looked into (Permission denied)"),
    "its file is closed": (0o755, 0o600, Presence.UNAVAILABLE, "cannot be read"),
}


@pytest.mark.parametrize(("folder", "file", "presence", "why"), MODES.values(), ids=MODES)
def test_it_is_given_back(
    roots: NssStore,
    root: Root,
    step_down: Callable[[], None],
    folder: int,
    file: int,
    presence: Presence,
    why: str,
) -> None:
    for path in Path(roots.place).iterdir():
        path.chmod(file)
    Path(roots.place).chmod(folder)
    step_down()
    state = roots.state(root, roots.runner)
    assert (state.presence, state.fix) == (presence, give(Path(roots.place)))
    assert why in state.why
    assert "chown" in state.fix
    # Typed by root, as the user is asked to.
    typed = shlex.split(state.fix)
    argv = typed[typed.index("chown") :] if "chown" in typed else ["sh", *typed[1:]]  # su
    os.seteuid(0)
    subprocess.run(argv, check=True)
    os.seteuid(NOBODY)
    assert roots.state(root, roots.runner) == ABSENT


def test_its_parent_is_given_back_where_that_is_closed(
    roots: NssStore, root: Root, step_down: Callable[[], None]
) -> None:
    parent = Path(roots.place).parent
    os.chown(parent, 0, 0)
    parent.chmod(0o700)
    step_down()
    state = roots.state(root, roots.runner)
    assert state == State(
        Presence.UNAVAILABLE,
        f"{parent} cannot be looked into (Permission denied)",
        give(parent),
    )


def test_what_is_further_up_is_only_shown(
    roots: NssStore, root: Root, step_down: Callable[[], None]
) -> None:
    home = Path(roots.place).parents[1]
    os.chown(home, 0, 0)
    home.chmod(0o700)
    step_down()
    state = roots.state(root, roots.runner)
    assert state.presence is Presence.UNAVAILABLE
    assert state.fix == f"ls -ld {home}"
