"""How python -m certs ends: its exit status, and one line on standard error."""

from __future__ import annotations

import errno
import subprocess
import sys
from pathlib import Path

import pytest

from certs import cli, mint
from certs.errors import MintError, SettingError
from certs.names import HostError
from tests.support import programs
from tests.support.certificates import environment

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the commands act."""
    for name, value in environment(tmp_path).items():
        monkeypatch.setenv(name, value)
    return tmp_path


ENDS: dict[str, tuple[BaseException, int, str]] = {
    "minting failed": (MintError("it failed"), 1, "certs: it failed\n"),
    "the system failed": (
        OSError(errno.ENOSPC, "No space left on device"),
        1,
        "certs: [Errno 28] No space left on device\n",
    ),
    "a host of no use": (HostError("HOSTS: no"), 2, "certs: HOSTS: no\n"),
    "a setting of no use": (SettingError("CA_HOME: no"), 2, "certs: CA_HOME: no\n"),
    "interrupted": (KeyboardInterrupt(), 130, "certs: interrupted; nothing is half-written\n"),
}


@pytest.mark.parametrize(("error", "code", "text"), ENDS.values(), ids=ENDS)
@pytest.mark.usefixtures("folder")
def test_every_end_has_its_exit_status_and_a_line(
    error: BaseException, code: int, text: str, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(mint, "ensure", fail)
    assert cli.main(["mint"]) == code
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", text)


WRONG = {
    "a host": ({"HOSTS": "*.localhost"}, "certs: HOSTS: '*.localhost'"),
    "a host that may not be signed": (
        {"HOSTS": "example.com"},
        "certs: HOSTS or SITES: 'example.com'",
    ),
    "a site that may not be signed": (
        {"SITES": "api.foo.dev=127.0.0.1:3000"},
        "certs: HOSTS or SITES: 'api.foo.dev'",
    ),
    "a permit": ({"PERMIT": "10.0.0.1/8"}, "certs: PERMIT: '10.0.0.1/8'"),
    "a home": ({"CA_HOME": "volume"}, "certs: CA_HOME is 'volume'"),
    "a file for a home": (
        {"CA_HOME": __file__},
        f"certs: CA_HOME is {__file__}, which is a file; name a folder: CA_HOME=/absolute/path",
    ),
    "a home in a file": (
        {"CA_HOME": f"{__file__}/ca"},
        f"certs: CA_HOME is {__file__}/ca, and {__file__} is a file; name a folder: CA_HOME=/",
    ),
}


@pytest.mark.parametrize(("env", "text"), WRONG.values(), ids=WRONG)
@pytest.mark.usefixtures("folder")
def test_a_wrong_setting_is_wrong_usage(
    env: dict[str, str], text: str, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    assert cli.main(["mint"]) == 2
    assert capsys.readouterr().err.startswith(text)


@pytest.mark.parametrize("arguments", [[], ["mnit"], ["export"], ["mint", "--json"]], ids=str)
def test_a_wrong_command_is_wrong_usage(arguments: list[str], tmp_path: Path) -> None:
    command = [sys.executable, "-m", "certs", *arguments]
    done = subprocess.run(
        command, env=environment(tmp_path), capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "usage: python -m certs" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "target"),
    [
        (["trust", "--dry-run"], "make certs"),
        (["remove"], "make untrust"),
        (["doctor", "--json"], "make doctor"),
    ],
    ids=str,
)
@pytest.mark.usefixtures("folder")
def test_command_for_trust_stores_says_where_it_is(
    arguments: list[str], target: str, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PORT", "9080")
    assert cli.main(arguments) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"certs: {arguments[0]!r} is for the machine's trust stores")
    assert f"On the machine, in the checkout: {target}. Without make: python3" in line
    assert line.endswith("http://localhost:9080/")


def test_an_interrupt_while_it_loads_is_a_line_too(tmp_path: Path) -> None:
    command = programs.command("interrupted_import", "status")
    done = subprocess.run(
        command, env=environment(tmp_path), capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (130, "certs: interrupted\n")
