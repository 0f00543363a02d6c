"""A server behind nginx that is started last."""

from __future__ import annotations

import functools
import http.server
import threading
from pathlib import Path

import pytest

from stack.base import StackError
from tests.support.asking import ask
from tests.support.ports import free_port
from tests.support.running import Running
from tests.support.upstreams import bound, reached
from tests.support.waiting import until


def test_an_upstream_that_is_started_later_is_waited_for_aloud_and_found(
    own: Running, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stack.ready.DEADLINE", 8.0)
    port = free_port()
    upstream = reached(own.mode, port)
    with pytest.raises(
        StackError, match="start your server, and nginx finds it by itself"
    ) as error:
        own.up(UPSTREAM=upstream)
    assert "make logs" not in str(error.value)
    assert own.said.count(f"waiting for UPSTREAM {upstream} ...") == 1
    assert own.stack.running()
    # An empty folder: in Docker's mode others on the network may ask too.
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(folder))
    with http.server.ThreadingHTTPServer((bound(own.mode), port), handler) as server:
        threading.Thread(target=server.serve_forever).start()
        try:
            until(lambda: ask(own, "/")[0].status == 200, "its answer", seconds=10)
            assert own.up(UPSTREAM=upstream) is False
        finally:
            server.shutdown()
