"""The JVMs of this machine: their programs and keystores, for stores and clients."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from trust.commands import CommandError, Runner

# The keystores' paths in a JVM ("jre" in JDKs up to 8). Both get the root: Java reads
# jssecacerts alone if it is there.
_KEYSTORES = tuple(
    f"{folder}lib/security/{name}" for folder in ("", "jre/") for name in ("cacerts", "jssecacerts")
)
_INSTALLED = "usr/lib/jvm"  # the JVMs of Linux distributions
_PROGRAMS = ("java", "keytool")


@dataclass(frozen=True)
class Jvm:
    """home: JAVA_HOME, or the real folder of a java on PATH.

    program: its java; None if there is none.
    """

    home: Path
    program: Path | None
    suffix: str = ""  # ".exe" on Windows

    @property
    def keystores(self) -> list[Path]:
        """The keystores' real files, without links in their paths."""
        return [path for inside in _KEYSTORES if (path := real(self.home / inside))]

    @property
    def keytool(self) -> Path | None:
        return _inside(self.home, "keytool", self.suffix)


def find(env: Mapping[str, str], runner: Runner, fs: Path) -> list[Jvm]:
    """The JVMs of JAVA_HOME and PATH, each once. fs: the folder for /."""
    suffix = _suffix(env)
    found: dict[Path, Jvm] = {}
    for home, program in _places(env, suffix, runner, fs):
        # /usr/bin/java is a link to a link to the one in its home.
        jvm = Jvm(home, _inside(home, "java", suffix) or program, suffix)
        found.setdefault(home.resolve(), jvm)
    return list(found.values())


def keytools(near: Path, runner: Runner, fs: Path) -> Iterator[Path]:
    """The keytool of this keystore's JVM, then any other: a JVM that JAVA_HOME and PATH no
    longer name may still have its keystore."""
    suffix = _suffix(runner.env)
    for home in near.parents[2:4]:  # the second one for a keystore in jre/
        if tool := _inside(home, "keytool", suffix):
            yield tool
    yield from (jvm.keytool for jvm in find(runner.env, runner, fs) if jvm.keytool)
    for home in sorted((fs / _INSTALLED).glob("*")):
        if tool := _inside(home, "keytool", suffix):
            yield tool


def real(path: Path) -> Path | None:
    """The file to which this path leads; None if there is none."""
    try:
        found = path.resolve(strict=True)
        return found if found.is_file() else None
    except (OSError, RuntimeError):  # RuntimeError: a loop of links, before 3.13
        return None


def _suffix(env: Mapping[str, str]) -> str:
    return ".exe" if env.get("OS") == "Windows_NT" else ""


def _places(
    env: Mapping[str, str], suffix: str, runner: Runner, fs: Path
) -> Iterator[tuple[Path, Path | None]]:
    """The homes of JVMs, each with its java if PATH has one."""
    if env.get("JAVA_HOME"):
        yield Path(env["JAVA_HOME"]), None
    unplaced: Path | None = None
    for folder in filter(None, env.get("PATH", "").split(os.pathsep)):
        for program in _PROGRAMS:
            path = real(Path(folder, program + suffix))
            if not path:
                continue
            home = path.parent.parent
            if program == "java" and not Jvm(home, path).keystores:
                unplaced = unplaced or path
            else:
                yield home, path if program == "java" else None
    if unplaced:
        yield _ask(unplaced, runner, fs) or unplaced.parent.parent, unplaced


def _ask(java: Path, runner: Runner, fs: Path) -> Path | None:
    """The home of a `java` that is a script (asdf, jenv) or a stub (macOS)."""
    # Apple's stub `java` may open a window that offers Java; java_home only answers.
    apple = fs / "usr/libexec/java_home"
    try:
        if real(apple):
            answer = runner.look(str(apple))
            return Path(answer.out.strip()) if answer.code == 0 else None
        answer = runner.look(str(java), "-XshowSettings:properties", "-version")
    except CommandError:
        return None
    line = re.search(r"^\s*java\.home = (.+)$", answer.err + answer.out, re.MULTILINE)
    return Path(line[1].strip()) if line else None


def _inside(home: Path, program: str, suffix: str) -> Path | None:
    paths = (home / folder / f"{program}{suffix}" for folder in ("bin", "jre/bin"))
    return next(filter(real, paths), None)
