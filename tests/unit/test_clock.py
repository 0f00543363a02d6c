"""An authority that is not valid yet: every command says that a clock is wrong."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

import certs.cli
import stack.cli
import trust.cli
from certs import authority as authorities
from certs import ca_home, files, leaf_dir
from certs.permitted import Permitted
from tests.support import trusting
from tests.support.certificates import days
from tests.support.trusting import TrustingHome
from tests.support.watching import watching

Captured = pytest.CaptureFixture[str]
machine = trusting.machine  # with a root in both its stores

NOW = datetime.now(UTC)
FUTURE = NOW + days(500)


def early() -> bytes:
    return authorities.mint(Permitted(), "ada@engine", FUTURE).dump()


@pytest.fixture
def path(machine: TrustingHome) -> Path:
    """The authority, made when the clock was wrong."""
    path = machine.folder / "ca" / ca_home.AUTHORITY
    files.write(path, early(), files.SECRET)
    return path


Main = Callable[[list[str]], int]
COMMANDS: dict[str, tuple[Main, list[str]]] = {
    "make up": (stack.cli.main, ["up"]),
    "certs mint": (certs.cli.main, ["mint"]),
    "certs status": (certs.cli.main, ["status"]),
    "certs status --json": (certs.cli.main, ["status", "--json"]),
    "make certs": (trust.cli.main, ["install"]),
    "make certs, dry": (trust.cli.main, ["install", "--dry-run"]),
    "make doctor": (trust.cli.main, ["doctor"]),
    "make env": (trust.cli.main, ["env"]),
}


@pytest.mark.parametrize("mode", ["local", "docker"])
@pytest.mark.parametrize(("main", "words"), COMMANDS.values(), ids=COMMANDS)
def test_every_command_says_at_once_that_a_clock_is_wrong(
    machine: TrustingHome, path: Path, main: Main, words: list[str], mode: str, capsys: Captured
) -> None:
    machine.set({"MODE": mode})
    machine.patch.setattr(stack.cli, "_choose", lambda *_, **__: pytest.fail("it went on"))
    before = machine.state()
    capsys.readouterr()
    began = time.monotonic()
    assert main(words) == 1
    assert time.monotonic() - began < 10
    said = "".join(capsys.readouterr())
    begins = FUTURE - days(1)  # it allows for clocks that lag
    assert f"{path} is valid from {begins:%Y-%m-%d %H:%M} UTC on" in said
    assert f"clock says {NOW:%Y-}" in said
    assert "set it: sudo timedatectl set-ntp true" in said
    assert f"mv {path} {path}.early && make certs" in said
    assert machine.state() == before, "nothing is replaced: the clock may be right soon"


def test_the_certs_process_does_not_start(machine: TrustingHome, path: Path) -> None:
    with watching(machine.folder) as watch:
        assert watch.process.wait(10) == 1
    assert f"{path} is valid from " in watch.log


def test_another_authority_is_made_as_it_says(machine: TrustingHome, path: Path) -> None:
    subprocess.run(["mv", path, f"{path}.early"], check=True)
    before = machine.fingerprint
    assert machine.trust() == 0
    assert all(store.roots == [machine.fingerprint] for store in machine.stores)
    assert machine.fingerprint != before


def test_trusted_root_can_be_taken_back_meanwhile(machine: TrustingHome, path: Path) -> None:
    assert trust.cli.main(["untrust"]) == 0
    assert [store.roots for store in machine.stores] == [[], []]
    assert path.read_bytes()


def test_an_authority_that_began_a_moment_ago_is_used(machine: TrustingHome, path: Path) -> None:
    """Clocks of containers lag by hours after a suspend."""
    late = authorities.mint(Permitted(), "ada@engine", NOW + days(1) / 2)
    files.write(path, late.dump(), files.SECRET)
    assert machine.trust() == 0


def test_a_clock_that_is_set_back_is_said_once_and_the_leaf_stays(tmp_path: Path) -> None:
    with watching(tmp_path) as watch:
        watch.until(healthy=True)
        before = (tmp_path / "leaf" / leaf_dir.LEAF).read_bytes()
        files.write(tmp_path / "ca" / ca_home.AUTHORITY, early(), files.SECRET)
        watch.until(healthy=False)
        assert watch.log.count("UTC on, and this machine's clock says") == 1
        assert (tmp_path / "leaf" / leaf_dir.LEAF).read_bytes() == before
        assert watch.end() == 0
