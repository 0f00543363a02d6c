"""Commands ask the stack that runs, whatever their own shell is set to."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from stack import recorded
from stack.settings import read
from tests.support.ports import free_port


@pytest.fixture
def listening() -> Iterator[str]:
    """The port of what answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield str(server.getsockname()[1])


def started(folder: Path, **settings: str) -> dict[str, str]:
    """A shell's environment, after make up with these settings in another one."""
    shell = {"HOME": str(folder), "STATE_DIR": str(folder / "run")}
    with_settings = read({**shell, **settings})
    recorded.write(with_settings.state_dir, with_settings.endpoint, with_settings.env)
    return shell


def test_another_shell_asks_the_port_that_make_up_was_given(tmp_path: Path, listening: str) -> None:
    shell = started(tmp_path, HTTPS_PORT=listening)
    assert read(recorded.environment(shell)).endpoint.url == f"https://localhost:{listening}"


def test_another_shell_knows_what_is_served(tmp_path: Path, listening: str) -> None:
    shell = started(
        tmp_path, HTTPS_PORT=listening, UPSTREAM="127.0.0.1:3000", CONSOLE="0", METRICS_PORT="9"
    )
    asked = read(recorded.environment({**shell, "APP": "shop.asgi:app"}))
    assert str(asked.upstream) == "127.0.0.1:3000"
    assert asked.app.app == "app.main:app"
    assert asked.console_url is None
    assert asked.certs.metrics_port == 9


def test_running_stack_counts_before_the_settings_of_a_shell(
    tmp_path: Path, listening: str
) -> None:
    shell = started(tmp_path, HTTPS_PORT=listening, BIND="127.0.0.1")
    asked = recorded.environment({**shell, "HTTPS_PORT": str(free_port()), "BIND": "127.0.0.2"})
    assert (asked["HTTPS_PORT"], asked["BIND"]) == (listening, "127.0.0.1")


def test_a_stack_that_make_did_not_start_is_asked_where_it_is(
    tmp_path: Path, listening: str
) -> None:
    shell = started(tmp_path, HTTPS_PORT=str(free_port()))
    assert recorded.environment({**shell, "HTTPS_PORT": listening})["HTTPS_PORT"] == listening


def test_stack_that_does_not_answer_is_still_what_make_up_started(tmp_path: Path) -> None:
    port = str(free_port())
    shell = started(tmp_path, HTTPS_PORT=port)
    own = {**shell, "HTTPS_PORT": str(free_port())}
    assert recorded.environment(own)["HTTPS_PORT"] == port


@pytest.mark.parametrize("text", [None, "", "nonsense\n", "HTTPS_PORT\n"])
def test_settings_count_without_a_record(text: str | None, tmp_path: Path) -> None:
    shell = {"HOME": str(tmp_path), "STATE_DIR": str(tmp_path), "HTTPS_PORT": "9443"}
    if text is not None:
        (tmp_path / "endpoint").write_text(text)
    assert recorded.environment(shell) == shell


def test_record_is_gone_after_make_down(tmp_path: Path, listening: str) -> None:
    shell = started(tmp_path, HTTPS_PORT=listening)
    recorded.forget(recorded.state_dir(shell))
    recorded.forget(recorded.state_dir(shell))
    assert recorded.environment(shell) == shell


def test_make_help_prints_where_it_runs(tmp_path: Path, checkout: Path) -> None:
    shell = started(tmp_path, HTTPS_PORT="23543")
    done = subprocess.run(
        ["make", "-s", "help", f"STATE_DIR={shell['STATE_DIR']}"],
        cwd=checkout,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith("make up started the stack at https://localhost:23543\n")
