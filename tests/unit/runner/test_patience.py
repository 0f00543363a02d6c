"""Clients that do not answer, or do not go. The runner waits for less time here."""

from __future__ import annotations

import select
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from websockets.frames import Opcode

from tests.support.app_process import App, answers
from tests.support.frames import close_code, frame, receive
from tests.support.waiting import until


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    made = App(tmp_path, "-m", "tests.programs.impatient_runner")
    yield made
    made.stop()


def test_client_that_answers_no_ping_is_closed_with_1011(app: App) -> None:
    with app.upgraded() as raw:
        assert receive(raw)[0] == Opcode.PING
        assert close_code(raw) == 1011
    assert answers(app)


def test_client_that_does_not_even_read_is_cut(app: App) -> None:
    """transport.close() would wait for it for ever."""
    with app.upgraded() as raw:
        raw.settimeout(0.2)
        with pytest.raises(TimeoutError):  # the app does not take all of them
            raw.sendall(frame(Opcode.BINARY, bytes(60_000)) * 500)
        ended = select.poll()
        ended.register(raw, 0)  # POLLHUP is always told
        until(lambda: ended.poll(0), "the app to cut it")
    assert answers(app)


def test_client_that_goes_on_sending_when_it_was_told_to_go_is_cut(app: App) -> None:
    with app.upgraded() as raw:
        assert receive(raw)[0] == Opcode.PING
        raw.sendall(frame(3, b""))
        assert close_code(raw) == 1002

        def is_cut() -> bool:
            try:
                raw.sendall(b"x")
            except ConnectionError:
                return True
            return False

        until(is_cut, "the app to cut it", seconds=10)
    assert answers(app)


def test_client_that_does_not_answer_the_close_of_a_stop_is_cut_in_a_second(app: App) -> None:
    """uvicorn itself would wait for 5 seconds, its timeout_graceful_shutdown."""
    with app.upgraded() as raw, ThreadPoolExecutor() as pool:
        stopped = pool.submit(app.stop)
        while receive(raw)[0] != Opcode.CLOSE:
            pass
        raw.settimeout(4)
        assert raw.recv(1) == b""
        stopped.result()
