"""What connected clients and new ones see of a fault, and for how long; in both modes.

Each test records a row of docs/robustness.md.
"""

from __future__ import annotations

import signal
import threading
import time
from pathlib import Path

import pytest

from tests.support.faults import case, kill, leader, send
from tests.support.projects import write
from tests.support.running import Running
from tests.support.steady import CUT, SOAK
from tests.support.waiting import until
from trust.clients.base import Verdict
from trust.proof import stack_check

RESTARTED = 1012
SLOW = """\
import time
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute

async def echo(websocket):
    await websocket.accept()
    async for text in websocket.iter_text():
        await websocket.send_text(text)

time.sleep(4)
app = Starlette(routes=[WebSocketRoute("/ws", echo)])
"""


def ok(stack: Running) -> bool:
    return all(service.ok for service in stack.stack.status())


def reload(stack: Running) -> None:
    before = set(leader(stack, "nginx").children())
    send(stack, "nginx", signal.SIGHUP)
    until(lambda: set(leader(stack, "nginx").children()) - before, "new workers")


def test_killed_app_is_back_in_seconds(own: Running) -> None:
    own.up()
    with case(own, "app killed", "open connections end at once; the app is started again") as seen:
        kill(own, "app")
    assert seen.codes == [CUT] * 4
    seen.assert_back()


def test_killed_app_that_reloads_leaves_nobody_with_a_process_behind(own: Running) -> None:
    """In local mode the process that serves outlives the one that is killed: it ends by itself,
    and tells its clients. In Docker the kernel ends both."""
    own.up(RELOAD="1")
    with case(
        own, "app killed, which reloads", "open connections end; the app is started again"
    ) as seen:
        kill(own, "app")
    assert set(seen.codes) <= ({RESTARTED} if own.mode == "local" else {RESTARTED, CUT})
    assert seen.codes
    seen.assert_back()


def test_app_that_is_slow_to_start_is_waited_for(own: Running, folder: Path) -> None:
    write(folder, {"slow.py": SLOW})
    own.up(APP="slow:app", APP_DIR=str(folder), RELOAD="0")
    with case(own, "app killed, which takes 4 s to start", "502 until it serves again") as seen:
        kill(own, "app")
    assert set(seen.codes) == {CUT}
    assert "502" in seen.refusals
    seen.assert_back()


def test_restarted_app_tells_its_clients_and_is_back_at_once(own: Running) -> None:
    own.up()
    with case(own, "app restarted", "a Close frame, and it serves again") as seen:
        own.stack.restart("app")
    assert set(seen.codes) == {RESTARTED}
    seen.assert_back()


def test_hung_app_keeps_its_clients_and_is_shown_by_status(own: Running) -> None:
    own.up()
    hang = 70.0 if SOAK else 5.0
    with case(
        own,
        "app hung (SIGSTOP)",
        "connections and new handshakes wait; `make status` shows it; nothing acts until "
        "`make restart`",
    ) as seen:
        began = time.monotonic()
        send(own, "app", signal.SIGSTOP)
        try:
            until(lambda: not ok(own), "status to show the app that hangs", seconds=40)
            told = own.cli("status")
            assert told.returncode == 1
            assert "make restart" in told.stdout
            with pytest.raises(TimeoutError):  # nginx waits for the handshake, for an hour
                own.connect(open_timeout=1)
            if own.mode == "local":
                found = stack_check.look(own.settings.certs)
                assert (found.verdict, found.fix) == (Verdict.UNKNOWN, "make restart")
                assert "the app does not answer" in found.why
            threading.Event().wait(max(0.0, began + hang - time.monotonic()))
        finally:
            send(own, "app", signal.SIGCONT)
        until(lambda: ok(own), "status to be ok", seconds=40)
    assert seen.codes == []


def test_killed_nginx_is_back_in_seconds(own: Running) -> None:
    own.up()
    with case(own, "nginx killed", "open connections end; nginx is started again") as seen:
        kill(own, "nginx")
    assert set(seen.codes) == {CUT}
    seen.assert_back()


def test_reloaded_nginx_drops_no_socket(own: Running) -> None:
    own.up()
    with case(own, "nginx reloaded", "nothing: the old workers keep their connections") as seen:
        for _ in range(20 if SOAK else 3):
            reload(own)
        threading.Event().wait(6)  # nginx used to cut them 5 s after a reload
    seen.assert_unnoticed()


def test_restarted_nginx_ends_connections_by_a_close_frame_of_the_app(own: Running) -> None:
    own.up()
    with case(
        own, "nginx restarted", "a Close frame from the app, which is restarted with it"
    ) as seen:
        own.stack.restart("nginx")
    assert set(seen.codes) == {RESTARTED}
    seen.assert_back()


def test_killed_certs_is_noticed_by_nobody(own: Running) -> None:
    own.up()
    with case(own, "certs killed", "nothing; certs is started again") as seen:
        kill(own, "certs")
    seen.assert_unnoticed()


def test_down_tells_all_clients_at_once(own: Running) -> None:
    own.up()
    with case(own, "`make down`, then `make up`", "a Close frame before nginx ends") as seen:
        own.down()
        own.up()
    assert set(seen.codes) == {RESTARTED}
