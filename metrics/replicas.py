"""The figures of all replicas of the app, each with the label of its replica."""

from __future__ import annotations

import json
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

_TIMEOUT = 2.0  # seconds; Prometheus waits 10
_LONGEST = 65536  # bytes of an answer
_MOST = 64  # replicas
_REGISTERED = (1000, 1001, 1002, 1003, 1005, 1006, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014)
CODES = (*map(str, _REGISTERED), "3xxx", "4xxx", "other")


@dataclass(frozen=True)
class Figures:
    """Those of one replica; uvicorn_runner/figures.py has the same names."""

    opened: int
    closed: Counter[str]  # by the label of the close code
    received: int
    received_bytes: int
    sent: int
    sent_bytes: int

    @property
    def open(self) -> int:
        return self.opened - self.closed.total()


def label(code: int) -> str:
    """The label of a close code: one of CODES, because clients choose codes (RFC 6455, section
    7.4.2: 3000 to 4999), and each label is a series that Prometheus keeps."""
    if code in _REGISTERED:
        return str(code)
    return f"{code // 1000}xxx" if 3000 <= code <= 4999 else "other"


def parse(answer: bytes) -> Figures:
    """Raises ValueError for what is not figures: the app runs its user's code."""
    try:
        found: dict[str, Any] = json.loads(answer)
        closed = Counter(dict.fromkeys(CODES, 0))
        for code, count in found["closed"].items():
            closed[label(int(code))] += _number(count)
        names = ("opened", "received", "received_bytes", "sent", "sent_bytes")
        return Figures(closed=closed, **{name: _number(found[name]) for name in names})
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError("the app answered something else than figures") from error


def _number(value: object) -> int:
    if type(value) is not int or not 0 <= value < 2**53:  # exact in Prometheus' floats
        raise ValueError(f"{value!r:.40} is no number of the app's figures")
    return value


class Replicas(Collector):
    """where: a name and port, whose addresses are the replicas; a Unix socket, which is one; or
    empty for none."""

    def __init__(self, where: str) -> None:
        self._where = where
        self._pool = ThreadPoolExecutor()
        self._asking = threading.Lock()

    def collect(self) -> Iterator[Metric]:
        with self._asking:  # one scrape at a time
            names = self._names()
            found = dict(zip(names, self._pool.map(self._ask, names), strict=True))
        yield from families(found)

    def _names(self) -> list[str]:
        if not self._where or self._where.startswith("/"):
            return [self._where] if self._where else []
        host, _, port = self._where.rpartition(":")
        try:
            told = socket.getaddrinfo(host, int(port), socket.AF_INET, socket.SOCK_STREAM)
        except socket.gaierror:  # no replica runs
            return []
        return sorted(str(address[4][0]) for address in told)[:_MOST]

    def _ask(self, name: str) -> Figures | None:
        """None if it does not answer."""
        is_unix = name.startswith("/")
        port = self._where.rpartition(":")[2]
        try:
            with socket.socket(socket.AF_UNIX if is_unix else socket.AF_INET) as asked:
                asked.settimeout(_TIMEOUT)
                asked.connect(name if is_unix else (name, int(port)))
                return parse(_read(asked))
        except (OSError, ValueError):
            return None


def _read(asked: socket.socket) -> bytes:
    answer = b""
    while len(answer) <= _LONGEST and (piece := asked.recv(_LONGEST)):
        answer += piece
    return answer


def families(found: dict[str, Figures | None]) -> Iterator[Metric]:
    """found: by replica; None for one that does not answer."""
    up = GaugeMetricFamily("wss_replica_up", "Whether the app answers.", labels=["replica"])
    connections = GaugeMetricFamily(
        "wss_connections_open", "WebSockets that are open.", labels=["replica"]
    )
    opened = CounterMetricFamily(
        "wss_connections_opened", "WebSockets that were opened.", labels=["replica"]
    )
    closed = CounterMetricFamily(
        "wss_connections_closed",
        "WebSockets that were closed, by the code of the first Close frame; 1006 without one.",
        labels=["replica", "code"],
    )
    messages = CounterMetricFamily(
        "wss_messages", "Messages, from the app's view.", labels=["replica", "direction"]
    )
    size = CounterMetricFamily(
        "wss_message_bytes",
        "Bytes of messages, without frames and before compression.",
        labels=["replica", "direction"],
    )
    for path, figures in found.items():
        replica = "local" if path.startswith("/") else path
        up.add_metric([replica], int(figures is not None))
        if figures is None:
            continue
        connections.add_metric([replica], figures.open)
        opened.add_metric([replica], figures.opened)
        for code in CODES:
            closed.add_metric([replica, code], figures.closed[code])
        messages.add_metric([replica, "received"], figures.received)
        messages.add_metric([replica, "sent"], figures.sent)
        size.add_metric([replica, "received"], figures.received_bytes)
        size.add_metric([replica, "sent"], figures.sent_bytes)
    yield from (up, connections, opened, closed, messages, size)
