"""Clients that do not answer the app's pings. The runner pings sooner here."""

from __future__ import annotations

import select
from collections.abc import Iterator
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
