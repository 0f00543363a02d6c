"""Whatever is in a store's way is said with what to type."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from certs.dotenv import CHECKOUT
from tests.support import nss as databases
from trust.commands import CommandError, Result, Runner
from trust.root import Root
from trust.stores import base, java, macos, nss, system, windows
from trust.stores.base import ABSENT, TRUSTED

root = databases.root
STORES = sorted((CHECKOUT / "trust/stores").glob("*.py"))
SQLITE = b"SQLite format 3\0"


class Tools(Runner):
    """Every program is there, and answers the same; None: none is there."""

    def __init__(self, answer: Result | CommandError | None) -> None:
        super().__init__({"PATH": "", "HOME": "/nowhere"}, interactive=False)
        self._answer = answer

    def which(self, program: str) -> str | None:
        return f"/bin/{program}" if self._answer else None

    def look(self, *argv: str, timeout: float = 30.0, stdin: bytes = b"") -> Result:
        if not isinstance(self._answer, Result):
            raise self._answer or CommandError(f"{argv[0]} is not installed")
        return self._answer


FAILS = Result(1, "", "it failed")
OTHER_PASSWORD = Result(1, "keystore password was incorrect", "")
HANGS = CommandError("`tool` did not end within 30 seconds")
Store = nss.NssStore | java.JavaStore | system.SystemStore | macos.Keychain | windows.WindowsStore


def database(fs: Path, runner: Runner, content: bytes | None = None) -> Store:
    """An unknown distribution's: no package has a name here."""
    (fs / "db").mkdir()
    if content is not None:
        (fs / "db/cert9.db").write_bytes(content)
        # A database without it is one that a program was ended at.
        (fs / "db/key4.db").write_bytes(SQLITE)
    return nss.NssStore(str(fs / "db"), "a database", fs, runner)


def no_folder(fs: Path, runner: Runner) -> Store:
    (fs / "db").touch()
    return nss.NssStore(str(fs / "db"), "a database", fs, runner)


def keystore(fs: Path, runner: Runner, keytool: str | None = "/bin/keytool") -> Store:
    (fs / "cacerts").touch()
    return java.JavaStore(fs / "cacerts", "Java", Path(keytool) if keytool else None, fs)


def anchors(fs: Path, *_: object) -> Store:
    (layout,) = (layout for layout in system.LAYOUTS if "Fedora" in layout.title)
    return system.SystemStore(layout, fs, str(fs / layout.anchors), layout.title)


Case = tuple[Callable[[Path, Runner], Store], Result | CommandError | None]
WAYS: dict[str, Case] = {
    "nss: not a folder": (no_folder, FAILS),
    "nss: no certutil": (database, None),
    "nss: damaged": (lambda fs, runner: database(fs, runner, b"garbage"), FAILS),
    "nss: locked": (lambda fs, runner: database(fs, runner, SQLITE), FAILS),
    "java: no keytool": (lambda fs, runner: keystore(fs, runner, None), FAILS),
    "java: another password": (keystore, OTHER_PASSWORD),
    "java: damaged": (keystore, FAILS),
    "java: it said nothing": (keystore, Result(1, "", "")),
    "system: no tool": (anchors, FAILS),
    "macos: locked": (lambda fs, _: macos.Keychain(fs, admin=False), FAILS),
    "macos: locked, for all": (lambda fs, _: macos.Keychain(fs, admin=True), FAILS),
    "wsl: it fails": (lambda *_: windows.WindowsStore("certutil.exe"), FAILS),
    "wsl: it hangs": (lambda *_: windows.WindowsStore("certutil.exe"), HANGS),
}


@pytest.mark.parametrize(("make", "answer"), WAYS.values(), ids=WAYS)
def test_every_way_to_be_unavailable_has_a_fix(
    tmp_path: Path,
    root: Root,
    make: Callable[[Path, Runner], Store],
    answer: Result | CommandError | None,
) -> None:
    runner = Tools(answer)
    state = make(tmp_path, runner).state(root, runner)
    assert state.presence is base.Presence.UNAVAILABLE
    assert state.why
    assert state.fix


def test_store_that_may_not_be_written_has_a_fix(
    tmp_path: Path, root: Root, monkeypatch: pytest.MonkeyPatch
) -> None:
    runner = Tools(Result(0, "", ""))
    store = database(tmp_path, runner, SQLITE)
    assert store.state(root, runner) == ABSENT
    states = []
    for name, answer in (("may", False), ("read_only", True)):
        with monkeypatch.context() as patch:
            patch.setattr(nss, name, lambda *_, answer=answer: answer)
            states.append(store.state(root, runner))
    with monkeypatch.context() as patch:
        patch.setattr(nss.NssStore, "_locked", lambda *_: True)
        states.append(store.state(root, runner))
    assert len({state.why for state in states}) == 3
    assert all(state.why and state.fix for state in states)


def calls(path: Path, name: str) -> Sequence[ast.Call]:
    nodes = ast.walk(ast.parse(path.read_text()))
    return [n for n in nodes if isinstance(n, ast.Call) and ast.unparse(n.func) == name]


@pytest.mark.parametrize("path", STORES, ids=lambda path: path.stem)
def test_no_store_says_why_without_a_fix(path: Path) -> None:
    """All of them, those that no test reaches too."""
    for call in calls(path, "State"):
        assert len(call.args) != 2, ast.unparse(call)
    assert not [call for call in calls(path, "_unavailable") if len(call.args) < 2]


def test_store_that_is_ok_needs_no_fix() -> None:
    assert (TRUSTED.fix, ABSENT.fix) == ("", "")
