"""The system's store: a real update-ca-certificates in a mount namespace, with copies
mounted over what is changed, so that this machine's own store is never touched."""

from __future__ import annotations

import os
import re
import shutil
import ssl
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support import system_stores
from tests.support.programs import PROGRAMS
from tests.support.system_stores import HERE, RUNNER
from trust.commands import Command, CommandError
from trust.root import Root
from trust.stores import system
from trust.stores.base import ABSENT, TRUSTED

this_machine_is_left_alone = system_stores.this_machine_is_left_alone
root = system_stores.root

_MOUNT = str(PROGRAMS / "own_system_store.sh")
# A namespace of a user's own is as good, where the kernel lets users have one.
_UNSHARE = ("unshare", "--mount") if os.geteuid() == 0 else ("unshare", "-r", "--mount")
Inside = Callable[[Callable[[Root], None]], None]


@pytest.fixture
def inside(tmp_path: Path, checkout: Path, root: Root) -> Inside:
    """Calls a function of this module where copies are in place of the store."""
    if not shutil.which("update-ca-certificates", path=RUNNER.env["PATH"]):
        pytest.skip("update-ca-certificates is not here: this needs Debian or Ubuntu")
    probe = subprocess.run([*_UNSHARE, "true"], capture_output=True, check=False, timeout=10)
    if probe.returncode != 0:
        pytest.skip("no mount namespace without root here: run this as root")

    def call(function: Callable[[Root], None]) -> None:
        code = (
            "import sys; from pathlib import Path; "
            "import tests.unit.trust.test_store_system_run as t; "
            f"t.{function.__name__}(t.Root.read(Path(sys.argv[1])))"
        )
        argv = ["sh", _MOUNT, str(tmp_path), sys.executable, "-c", code, str(root.path)]
        done = subprocess.run(
            [*_UNSHARE, *argv],
            cwd=checkout,
            env={**os.environ, **RUNNER.env},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    return call


def test_root_goes_into_the_real_store_and_out_again(inside: Inside) -> None:
    inside(_trust_check_forget)


def _trust_check_forget(root: Root) -> None:
    (store,) = system.find({}, RUNNER, Path("/"))
    os.umask(0o077)
    before, names = _bundled(), sorted(HERE.iterdir())
    assert store.state(root, RUNNER) == ABSENT
    for _ in range(2):
        _run(*store.install_plan(root))
        assert store.state(root, RUNNER) == TRUSTED
        assert _bundled() == sorted([*before, root.der])
    _run(Command(("openssl", "verify", "-CApath", str(HERE), str(root.path))))
    (anchor,) = Path(store.place).glob("wss-stack-*")
    assert stat.S_IMODE(anchor.stat().st_mode) == 0o644
    assert stat.S_IMODE((HERE / "ca-certificates.crt").stat().st_mode) == 0o644
    _run(*store.removal_plan(root))
    assert store.state(root, RUNNER) == ABSENT
    assert store.removal_plan(root) == ()
    assert _bundled() == before
    assert sorted(HERE.iterdir()) == names


def test_an_older_name_is_forgotten_too(inside: Inside) -> None:
    inside(_older_name)


def _older_name(root: Root) -> None:
    (store,) = system.find({}, RUNNER, Path("/"))
    shutil.copy(root.path, Path(store.place, "wss.crt"))
    _run(Command(("update-ca-certificates",)))
    assert store.state(root, RUNNER) == TRUSTED
    _run(*store.removal_plan(root))
    assert store.state(root, RUNNER) == ABSENT
    assert not Path(store.place, "wss.crt").exists()


def test_a_read_only_folder_is_said(inside: Inside) -> None:
    inside(_read_only)


def _read_only(root: Root) -> None:
    (store,) = system.find({}, RUNNER, Path("/"))
    _run(Command(("mount", "-o", "remount,bind,ro", store.place)))
    with pytest.raises(CommandError, match=r"install .* failed .*: Read-only file system"):
        _run(*store.install_plan(root))
    assert store.state(root, RUNNER) == ABSENT


def _run(*commands: Command) -> None:
    for command in commands:
        RUNNER.run(command)


def _bundled() -> list[bytes]:
    path = HERE / "ca-certificates.crt"
    found = re.findall(r"-----BEGIN .*?-----END CERTIFICATE-----", path.read_text(), re.DOTALL)
    return sorted(ssl.PEM_cert_to_DER_cert(block) for block in found)
