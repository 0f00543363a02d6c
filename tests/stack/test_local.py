"""What local mode alone must stand: no engine looks after its processes."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from certs.dotenv import CHECKOUT
from stack.base import StackError
from stack.local import processes
from stack.local import supervisor as supervise
from tests.support.lifecycle import closed, echoes
from tests.support.probes import PROBE
from tests.support.projects import SUPPORT
from tests.support.running import Running
from tests.support.servers import somebodys_server
from tests.support.waiting import until

MODES = ("local",)


def alive(stack: Running, name: str) -> list[psutil.Process]:
    return processes.recorded(stack.folder / "run" / "pids", name)


def everything(stack: Running) -> list[psutil.Process]:
    return [p for name in (supervise.NAME, *supervise.ORDER) for p in alive(stack, name)]


def test_a_killed_supervisor_leaves_nothing_behind_after_down(own: Running) -> None:
    own.up()
    were = everything(own)
    assert len(were) >= 5  # supervisord, certs, app, nginx and its workers
    with own.connect() as client:
        client.send("open all the while")
        client.recv(timeout=5)
        alive(own, supervise.NAME)[0].kill()
        own.down()
    assert not [p for p in were if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]
    assert closed(own.https_port)
    assert closed(own.http_port)


def test_a_killed_supervisor_is_fixed_by_up(own: Running) -> None:
    own.up()
    alive(own, supervise.NAME)[0].kill()
    until(lambda: not alive(own, supervise.NAME), "its end")
    assert own.up() is True
    assert echoes(own)
    assert "stopping what an earlier run left" in own.said


@pytest.mark.parametrize("name", ["certs", "app", "nginx"])
def test_process_that_dies_is_started_again(own: Running, name: str) -> None:
    own.up()
    dead = alive(own, name)[0].pid
    # Of nginx the master alone: its workers stay, and would hold the ports.
    os.kill(dead, signal.SIGKILL)
    until(lambda: [p.pid for p in alive(own, name)[:1]] not in ([], [dead]), "another one")
    until(lambda: echoes(own), "an echo")


def test_a_pid_that_is_somebody_elses_now_is_left_alone(own: Running) -> None:
    own.up()
    own.down()
    record = own.folder / "run" / "pids" / "app.json"
    other = subprocess.Popen(["sleep", "60"], start_new_session=True)
    try:
        record.write_text(f'{{"pid": {other.pid}, "started": 1.0}}')
        assert not own.stack.running()
        own.down()
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


def test_a_deleted_state_folder_is_no_reason_to_lose_what_runs(own: Running) -> None:
    own.up()
    shutil.rmtree(own.folder / "run")
    assert own.stack.running()
    own.down()
    assert closed(own.https_port)
    assert not own.stack.running()


def test_a_deleted_state_folder_is_said_and_fixed_by_up(own: Running) -> None:
    own.up()
    shutil.rmtree(own.folder / "run")
    assert [service.name for service in own.stack.status()] == ["certs", "app", "nginx"]
    for service in own.stack.status():
        assert not service.ok
        assert service.state.endswith("fix: make up")
    assert own.up() is True
    assert "stopping what an earlier run left" in own.said
    assert all(service.ok for service in own.stack.status())


def test_a_docker_that_fails_keeps_nobody_from_stopping(own: Running, tmp_path: Path) -> None:
    fails = tmp_path / "docker"
    fails.write_text(
        """#!/bin/sh
        case "$*" in *version*) echo 99.0.0 ;; *) echo it is broken >&2; exit 1 ;; esac
        """
    )
    fails.chmod(0o755)
    path = f"{tmp_path}:{os.environ['PATH']}"
    own.up()
    status = own.cli("status", PATH=path)
    assert (status.returncode, status.stdout.count("local ")) == (0, 3), status
    assert "it is broken" in status.stderr
    assert own.cli("down", PATH=path).returncode == 0
    assert not own.stack.running()
    # Whether there is anything to stop is not known now.
    assert own.cli("down", PATH=path).returncode == 1
    assert own.cli("down", PATH=path, MODE="local").returncode == 0


def test_an_interrupted_restart_is_made_up_for(own: Running) -> None:
    own.up()
    supervisor = supervise.Supervisor(
        (own.folder / "run" / "runtime").resolve() / "supervisor.sock"
    )
    supervisor.stop("nginx")
    assert own.up() is True
    assert "restarting nginx: it did not run" in own.said
    assert echoes(own)


def test_stack_runs_in_paths_with_spaces_and_percent_signs(own: Running) -> None:
    odd = own.folder / "50% of a folder"
    odd.mkdir()
    own.up(STATE_DIR=str(odd / "run"), LEAF_DIR=str(odd / "leaf"), CA_HOME=str(odd / "ca"))
    assert echoes(own)


def test_another_app_is_ready_when_it_answers_anything(own: Running) -> None:
    own.up(APP="apps:plain", APP_DIR=SUPPORT)
    own.up()  # and back: the app alone is restarted
    assert "restarting app: its settings changed" in own.said
    assert echoes(own)


def test_the_loopback_of_ipv6(own: Running) -> None:
    own.up(BIND="::1")
    with socket.create_connection(("::1", own.https_port)) as plain:
        own.tls.wrap_socket(plain, server_hostname="::1").close()
    assert closed(own.https_port)


def test_an_address_of_another_machine(own: Running) -> None:
    with pytest.raises(StackError, match=r"BIND is '203\.0\.113\.1', which is no address"):
        own.up(BIND="203.0.113.1")


@pytest.mark.parametrize(
    ("script", "says"),
    [
        pytest.param("echo nginx version: nginx/1.22.1", "is nginx 1.22.1; 1.30.7", id="old"),
        pytest.param("echo hello", "is not nginx", id="not nginx"),
        pytest.param(None, "which is no program here", id="missing"),
    ],
)
def test_a_wrong_nginx(own: Running, tmp_path: Path, script: str | None, says: str) -> None:
    named = tmp_path / "nginx"
    if script:
        named.write_text(f"#!/bin/sh\n{script}\n")
        named.chmod(0o755)
    with pytest.raises(StackError, match=says):
        own.up(NGINX=str(named))


def test_commands_up_status_logs_and_down_work_as_typed(own: Running) -> None:
    up = own.cli("up", MODE="local")
    assert up.returncode == 0, up.stderr
    assert f"https://localhost:{own.https_port}/" in up.stdout
    assert f"wss://localhost:{own.https_port}/ws" in up.stdout
    assert str(own.root) in up.stdout
    again = own.cli("up", MODE="local")
    assert (again.returncode, "runs already" in again.stdout) == (0, True)
    status = own.cli("status")
    assert status.returncode == 0
    assert status.stdout.count("running") == 3
    logs = own.cli("logs", "--no-follow")
    assert "watching: localhost" in logs.stdout
    other = own.cli("up", MODE="docker")
    assert other.returncode == 1
    assert "runs already, in local mode. Stop it first: make down" in other.stderr
    assert own.cli("down").returncode == 0
    assert own.cli("status").returncode == 1


def test_interrupt_while_the_stack_starts_leaves_nothing(own: Running) -> None:
    # The app never answers, so that there is time.
    starting = subprocess.Popen(
        [sys.executable, "-m", "stack", "up"],
        cwd=CHECKOUT,
        env={**own.env, "MODE": "local", "APP": "apps:silent", "APP_DIR": SUPPORT},
        stderr=subprocess.PIPE,
        text=True,
    )
    until(lambda: alive(own, "app") or None, "the app's process")
    starting.send_signal(signal.SIGINT)
    _, errors = starting.communicate(timeout=60)
    assert starting.returncode == 130
    assert "interrupted" in errors
    assert not everything(own)


def test_an_app_that_is_slow_to_answer_is_waited_for_aloud(
    own: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stack.ready.DEADLINE", 8.0)
    with pytest.raises(StackError, match="See: make logs"):
        own.up(APP="apps:silent", APP_DIR=SUPPORT)
    assert own.said.count("waiting for the app ...") == 1
    assert not own.stack.running()


def test_server_that_the_probe_opens_does_not_learn_who_asked(
    own: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A server that tells what it was sent, in the place of the echo app.
    monkeypatch.setattr("stack.ready._echo", lambda *_: None)
    identity = {"Cookie": "session=secret", "Authorization": "Bearer secret", "X-Other": "kept"}
    with somebodys_server("telling", "127.0.0.1") as port:
        own.configure(UPSTREAM=f"127.0.0.1:{port}")
        own.settings = replace(own.settings, certs=replace(own.settings.certs, is_echo_app=True))
        own.stack.up()
        with own.connect(
            PROBE, origin=f"http://localhost:{own.http_port}", additional_headers=identity
        ) as client:
            client.send("headers?")
            told = json.loads(client.recv(timeout=10))
    assert told["X-Other"] == "kept"
    assert told["X-Real-IP"] == "127.0.0.1"
    assert not {"Cookie", "Authorization"} & set(told)
