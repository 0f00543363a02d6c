"""Where Java's keystores are found, in made-up layouts. Nothing here runs Java."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.support import keystores
from tests.support.keystores import RUNNER
from trust.commands import Runner
from trust.stores import java

this_machine_is_left_alone = keystores.this_machine_is_left_alone

_FILES = {
    "a": "bin/java bin/keytool lib/security/cacerts",
    "b": "bin/java bin/keytool lib/security/cacerts",
    "sharing": "bin/java bin/keytool",
    "bare": "bin/java",
    "own-bare": "bin/java lib/security/cacerts",
    "jdk8": "bin/java bin/keytool jre/lib/security/cacerts jre/lib/security/jssecacerts",
    "lost": "bin/java bin/keytool",
    "round": "bin/java bin/keytool",
}
_SHARED = "etc/ssl/certs/java/cacerts"
_LINKS = {
    "usr/bin/java": "etc/alternatives/java",
    "etc/alternatives/java": "b/bin/java",
    "only/keytool": "b/bin/keytool",
    "sharing/lib/security/cacerts": _SHARED,
    "bare/lib/security/cacerts": _SHARED,
    "lost/lib/security/cacerts": "gone",
    "round/lib/security/cacerts": "round/lib/security/cacerts",
}
_SCRIPTS = {
    "asdf/java": "[ $1 = -XshowSettings:properties ] && echo '    java.home = {fs}/a' >&2",
    "broken/java": "exit 1",
}
_A = {"a/lib/security/cacerts": "a/bin/keytool"}
_B = {"b/lib/security/cacerts": "b/bin/keytool"}
_OLD = [f"jdk8/jre/lib/security/{name}" for name in ("cacerts", "jssecacerts")]


def _make(fs: Path, *, shared: bool) -> None:
    names = [f"{home}/{name}" for home, names in _FILES.items() for name in names.split()]
    for name in [*names, *([_SHARED] if shared else [])]:
        (fs / name).parent.mkdir(parents=True, exist_ok=True)
        (fs / name).touch(0o755)
    for name, to in _LINKS.items():
        (fs / name).parent.mkdir(parents=True, exist_ok=True)
        (fs / name).symlink_to(fs / to)
    for name, script in _SCRIPTS.items():
        (fs / name).parent.mkdir()
        (fs / name).write_text(f"#!/bin/sh\n{script.format(fs=fs)}\n")
        (fs / name).chmod(0o755)


def _found(home: str, path: str, fs: Path) -> dict[str, str]:
    """The keystores, and the keytool for each, seen from fs."""
    folders = [str(fs / folder) for folder in path.split()]
    env = {"JAVA_HOME": str(fs / home) if home else "", "PATH": os.pathsep.join(folders)}
    stores = [s for s in java.find(env, RUNNER, fs) if isinstance(s, java.JavaStore)]
    return {s.place.removeprefix(f"{fs}/"): str(s.keytool).removeprefix(f"{fs}/") for s in stores}


@pytest.mark.parametrize(
    ("home", "path", "expected"),
    [
        pytest.param("", "usr", {}, id="no Java"),
        pytest.param("gone", "gone", {}, id="folders that are gone"),
        pytest.param("a", "", _A, id="JAVA_HOME"),
        pytest.param("", "usr/bin", _B, id="a chain of links from PATH"),
        pytest.param("", "only", _B, id="keytool alone on PATH"),
        pytest.param("a", "a/bin usr/bin", {**_A, **_B}, id="two JVMs, each with its keytool"),
        pytest.param("own-bare", "", {"own-bare/lib/security/cacerts": "None"}, id="no keytool"),
        pytest.param(
            "own-bare",
            "only",
            {"own-bare/lib/security/cacerts": "b/bin/keytool", **_B},
            id="another JVM's keytool",
        ),
        pytest.param("jdk8", "", dict.fromkeys(_OLD, "jdk8/bin/keytool"), id="Java 8"),
        pytest.param("lost", "round/bin", {}, id="links that lead nowhere, or round"),
        pytest.param("", "asdf", _A, id="a script that says where"),
        pytest.param("", "broken", {}, id="a script that does not"),
    ],
)
def test_keystores_are_found_where_java_home_and_path_lead(
    home: str, path: str, expected: dict[str, str], tmp_path: Path
) -> None:
    _make(tmp_path, shared=False)
    assert _found(home, path, tmp_path) == expected


@pytest.mark.parametrize(
    ("home", "path", "expected"),
    [
        pytest.param("", "", {_SHARED: "None"}, id="no JVM"),
        pytest.param("a", "", {**_A, _SHARED: "a/bin/keytool"}, id="a JVM that does not share"),
        pytest.param("bare", "", {_SHARED: "None"}, id="JVM without keytool"),
        # The keytool of the one that has it; the two are one row.
        pytest.param("bare", "sharing/bin", {_SHARED: "sharing/bin/keytool"}, id="two that share"),
    ],
)
def test_shared_keystore_of_debian_is_found(
    home: str, path: str, expected: dict[str, str], tmp_path: Path
) -> None:
    _make(tmp_path, shared=True)
    assert _found(home, path, tmp_path) == expected


def test_mac_is_asked_by_its_own_tool_and_not_by_the_stub(tmp_path: Path) -> None:
    _make(tmp_path, shared=False)
    tool = tmp_path / "usr/libexec/java_home"
    tool.parent.mkdir()
    tool.write_text(f"#!/bin/sh\necho {tmp_path}/b\n")
    tool.chmod(0o755)
    assert _found("", "asdf", tmp_path) == _B


def test_people_are_told_which_java_it_is(tmp_path: Path) -> None:
    _make(tmp_path, shared=True)
    stores = java.find({"JAVA_HOME": str(tmp_path / "a")}, RUNNER, tmp_path)
    assert [s.title for s in stores] == [f"Java ({tmp_path}/a)", "Java (shared keystore)"]


@pytest.mark.parametrize(
    ("place", "path", "keytool"),
    [
        pytest.param("a/lib/security/cacerts", "", "a/bin/keytool", id="its own"),
        pytest.param(_OLD[0], "", "jdk8/bin/keytool", id="its own, in Java 8"),
        pytest.param("own-bare/lib/security/cacerts", "usr/bin", "b/bin/keytool", id="another's"),
        pytest.param(_SHARED, "", "usr/lib/jvm/java-21/bin/keytool", id="one that is installed"),
    ],
)
def test_keystore_that_was_found_once_needs_no_path_to_it(
    place: str, path: str, keytool: str, tmp_path: Path
) -> None:
    """What is written there is taken back, whatever JAVA_HOME and PATH are by then."""
    _make(tmp_path, shared=True)
    installed = tmp_path / "usr/lib/jvm/java-21/bin"
    installed.mkdir(parents=True)
    (installed / "keytool").touch(0o755)
    runner = Runner({"PATH": str(tmp_path / path) if path else ""}, interactive=False)
    store = java.at(str(tmp_path / place), "Java (as it was)", runner, tmp_path)
    assert isinstance(store, java.JavaStore)
    assert (store.place, store.title) == (str(tmp_path / place), "Java (as it was)")
    assert str(store.keytool) == str(tmp_path / keytool)


def test_machine_without_any_keytool_is_told_what_to_install(tmp_path: Path) -> None:
    _make(tmp_path, shared=True)
    runner = Runner({"PATH": ""}, interactive=False)
    store = java.at(str(tmp_path / _SHARED), "Java", runner, tmp_path)
    assert isinstance(store, java.JavaStore)
    assert store.keytool is None
