"""When the served leaf ends, as a handshake shows it."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme
from prometheus_client import CollectorRegistry

from metrics.leaf import Leaf
from tests.support.ports import free_port


@contextmanager
def serving(leaf: trustme.LeafCert) -> Iterator[int]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    leaf.configure_cert(context)
    with socket.create_server(("127.0.0.1", 0)) as server:

        def shake_hands() -> None:
            plain, _ = server.accept()
            with plain, context.wrap_socket(plain, server_side=True):
                pass

        thread = threading.Thread(target=shake_hands)
        thread.start()
        yield server.getsockname()[1]
        thread.join()


def values(port: int) -> tuple[float | None, float | None]:
    registry = CollectorRegistry()
    leaf = Leaf("127.0.0.1", port)
    registry.register(leaf)
    found = {s.name: s.value for family in leaf.collect() for s in family.samples}
    return found.get("wss_nginx_up"), found.get("wss_leaf_not_after_timestamp_seconds")


@pytest.mark.parametrize("days", [90, -3])
def test_end_of_the_leaf_is_told_after_it_too(days: int) -> None:
    end = datetime.now(UTC).replace(microsecond=0) + timedelta(days=days)
    begin = end - timedelta(days=90)
    leaf = trustme.CA().issue_cert("localhost", not_before=begin, not_after=end)
    with serving(leaf) as port:
        assert values(port) == (1, end.timestamp())


def test_without_nginx_there_is_no_leaf(tmp_path: Path) -> None:
    assert values(free_port()) == (0, None)
