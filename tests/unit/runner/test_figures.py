"""The figures that the runner counts for the metrics process, and hands out while asked to."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.frames import Opcode
from websockets.sync.client import ClientConnection, unix_connect

from certs.dotenv import CHECKOUT
from tests.support import programs
from tests.support.frames import frame, upgrade
from tests.support.waiting import until
from uvicorn_runner.settings import read


class App:
    """The echo with figures, or another app, on a Unix socket."""

    def __init__(self, folder: Path, path: str = "/ws", **env: str) -> None:
        self.path = path
        self.socket = folder / "app.sock"
        self.process = subprocess.Popen(
            [sys.executable, "-m", "uvicorn_runner"],
            env={**os.environ, "APP_SOCKET": str(self.socket), "WS_MAX_SIZE": "1k", **env},
            cwd=CHECKOUT,
        )
        try:
            until(self._answers, "the app to answer")
        except AssertionError:
            self.stop()
            raise

    def _answers(self) -> bool:
        with self.connect():
            return True

    def connect(self) -> ClientConnection:
        return unix_connect(str(self.socket), f"ws://localhost{self.path}")

    def figures(self) -> dict[str, Any]:
        with socket.socket(socket.AF_UNIX) as asked:
            asked.connect(str(self.socket.with_name("figures.sock")))
            answer = b"".join(iter(lambda: asked.recv(4096), b""))
        found: dict[str, Any] = json.loads(answer)
        return found

    def quiet(self) -> dict[str, Any]:
        """The figures when no connection is open."""

        def ended() -> dict[str, Any]:
            found = self.figures()
            assert found["opened"] == sum(found["closed"].values())
            return found

        return until(ended, "every connection to be counted as closed")

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(20)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    made = App(tmp_path_factory.mktemp("app"), METRICS_PORT="9090")
    yield made
    made.stop()


def test_connection_is_counted_when_it_opens_and_when_it_closes(app: App) -> None:
    before = app.quiet()
    with app.connect() as client:
        client.send("hello")
        client.recv(timeout=10)
        during = app.figures()
        assert during["opened"] - before["opened"] == 1
        assert during["closed"] == before["closed"]
    after = app.quiet()
    assert after["closed"]["1000"] - before["closed"]["1000"] == 1


def test_messages_and_their_bytes_are_counted_both_ways(app: App) -> None:
    before = app.quiet()
    with app.connect() as client:
        for message in ("hello", "grüße", b"\x00\xff", ["frag", "ments"], ""):
            client.send(message)
            client.recv(timeout=10)
    after = app.quiet()
    assert [after[name] - before[name] for name in ("received", "sent")] == [5, 5]
    size = 5 + 7 + 2 + 9 + 0
    assert [after[f"{name}_bytes"] - before[f"{name}_bytes"] for name in ("received", "sent")] == [
        size,
        size,
    ]


@pytest.mark.parametrize("code", [1000, 1001, 3000, 4999])
def test_code_of_the_clients_close_frame_is_counted(app: App, code: int) -> None:
    before = app.quiet()["closed"].get(str(code), 0)
    with app.connect() as client:
        client.close(code)
    assert app.quiet()["closed"][str(code)] == before + 1


def test_code_of_the_apps_own_close_frame_is_counted(app: App) -> None:
    before = app.quiet()
    with app.connect() as client:
        client.send("a" * 1025)  # over WS_MAX_SIZE
        with pytest.raises(ConnectionClosed):
            client.recv(timeout=10)
    after = app.quiet()
    assert after["closed"].get("1009", 0) == before["closed"].get("1009", 0) + 1
    assert after["received"] == before["received"]


def test_connection_without_a_close_frame_is_counted_as_1006(app: App) -> None:
    before = app.quiet()["closed"].get("1006", 0)
    with socket.socket(socket.AF_UNIX) as raw:
        raw.connect(str(app.socket))
        upgrade(raw, "")
        raw.sendall(frame(Opcode.TEXT, b"hello"))
    assert app.quiet()["closed"]["1006"] == before + 1


def test_handshake_that_is_refused_is_no_connection(app: App) -> None:
    before = app.quiet()["opened"]
    with (
        pytest.raises(InvalidStatus, match="403"),
        unix_connect(str(app.socket), "ws://localhost/nothing-here"),
    ):
        pass
    assert app.quiet()["opened"] == before


def test_process_that_a_reloader_starts_takes_the_socket_of_an_earlier_one(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(programs.source("apps/talking.py"))
    with socket.socket(socket.AF_UNIX) as earlier:
        earlier.bind(str(tmp_path / "figures.sock"))
    own = {"APP": "mine:app", "APP_PATH": str(tmp_path)}
    app = App(tmp_path, "/talk", METRICS_PORT="9090", **own)
    try:
        assert app.quiet()["opened"] > 0
    finally:
        app.stop()


def test_without_metrics_port_the_app_has_no_figures_and_no_other_socket(tmp_path: Path) -> None:
    app = App(tmp_path)
    try:
        listening = psutil.Process(app.process.pid).net_connections("unix")
        assert {Path(str(found.laddr)).name for found in listening if found.laddr} == {"app.sock"}
    finally:
        app.stop()


def test_figures_are_on_a_port_in_a_container_and_on_a_socket_without() -> None:
    assert read({"METRICS_PORT": "9090"}).figures == 8001
    assert read({"METRICS_PORT": "9090", "APP_SOCKET": "/x/app.sock"}).figures == Path(
        "/x/figures.sock"
    )
    assert read({"APP_SOCKET": "/x/app.sock"}).figures is None
