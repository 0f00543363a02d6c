"""NSS databases that another user has, or whose folder that user has: root's, after sudo
chromium, or where Docker's daemon made ~/.local for a mount."""

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
from tests.support.nss import OLD, XDG, Home
from trust.commands import Command
from trust.root import Root
from trust.stores.base import ABSENT, TRUSTED, Presence, State
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


def typed_by_root(fix: str) -> None:
    """As the user is asked to."""
    typed = shlex.split(fix)
    argv = typed[typed.index("chown") :] if "chown" in typed else ["sh", *typed[1:]]  # su
    os.seteuid(0)
    subprocess.run(argv, check=True)
    os.seteuid(NOBODY)


MODES = {
    "readable": (0o755, 0o644, Presence.ABSENT, "is read-only"),
    "closed": (0o700, 0o600, Presence.UNAVAILABLE, "cannot be opened (Permission denied)"),
    "its file is closed": (0o755, 0o600, Presence.UNAVAILABLE, "cannot be read"),
}


@pytest.mark.parametrize(("folder", "file", "presence", "why"), MODES.values(), ids=MODES)
def test_database_is_given_back_to_its_owner(
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
    typed_by_root(state.fix)
    assert roots.state(root, roots.runner) == ABSENT


def test_closed_parent_folder_is_given_back_too(
    roots: NssStore, root: Root, step_down: Callable[[], None]
) -> None:
    parent = Path(roots.place).parent
    os.chown(parent, 0, 0)
    parent.chmod(0o700)
    step_down()
    state = roots.state(root, roots.runner)
    assert state == State(
        Presence.UNAVAILABLE,
        f"{parent} cannot be opened (Permission denied)",
        give(parent),
    )


def test_folder_further_up_is_only_shown(
    roots: NssStore, root: Root, step_down: Callable[[], None]
) -> None:
    home = Path(roots.place).parents[1]
    os.chown(home, 0, 0)
    home.chmod(0o700)
    step_down()
    state = roots.state(root, roots.runner)
    assert state.presence is Presence.UNAVAILABLE
    assert state.fix == f"ls -ld {home}"


MADE_BY_ROOT = {
    "all of it": (".local/share/wss-stack", ".local"),
    "a part of it": (".local/share", ".local/share"),
    "the last folder": (".local/share/pki", ".local/share/pki"),
}


@pytest.mark.parametrize(("made", "first"), MADE_BY_ROOT.values(), ids=MADE_BY_ROOT)
def test_folders_that_dockers_daemon_made_are_given_back(
    home: Home, root: Root, step_down: Callable[[], None], made: str, first: str
) -> None:
    store = home.store(XDG)
    root = Root.read(Path(shutil.copy(root.path, home.path / "root.pem")))  # pytest's is closed
    (home.path / made).mkdir(parents=True)
    for path in (home.path / first).relative_to(home.path).parents:
        os.chown(home.path / path, NOBODY, NOBODY)
    if made.endswith("wss-stack"):  # which the certs process gives to the user
        os.chown(home.path / made, NOBODY, NOBODY)
    step_down()
    state = store.state(root, home.runner)
    assert (state.presence, state.fix) == (Presence.ABSENT, give(home.path / first))
    assert "cannot be made" in state.why
    assert state.why.endswith("belongs to user 0, not to you")
    typed_by_root(state.fix)
    assert store.state(root, home.runner) == ABSENT
    for command in store.install_plan(root):
        home.runner.run(command)
    assert store.state(root, home.runner) == TRUSTED


def test_a_folder_outside_the_home_is_only_shown(
    home: Home, root: Root, step_down: Callable[[], None]
) -> None:
    store = NssStore(str(home.fs / "etc/pki/nssdb"), "a store", home.fs, home.runner)
    step_down()
    state = store.state(root, home.runner)
    assert (state.presence, state.fix) == (Presence.ABSENT, f"ls -ld {home.fs / 'etc'}")


def test_a_folder_of_the_users_that_is_read_only_is_opened(
    home: Home, root: Root, step_down: Callable[[], None]
) -> None:
    (home.path / ".local").mkdir(mode=0o555)
    os.chown(home.path / ".local", NOBODY, NOBODY)
    step_down()
    state = home.store(XDG).state(root, home.runner)
    assert (state.presence, state.fix) == (
        Presence.ABSENT,
        f"chmod u+w {home.path / '.local'}",
    )
