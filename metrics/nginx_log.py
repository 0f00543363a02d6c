"""Counts what nginx alone sees: refusals by reason, and WebSockets at their end.

nginx sends a line for each request to a Unix datagram socket (`access_log syslog:`; the format is
in nginx/snippets/log.conf). It never waits for this process: what cannot be sent is lost.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector

# The reason of a refusal by its status, where the answer is nginx's own.
_OF_NGINX: Mapping[int, str] = {
    400: "malformed",
    403: "origin",
    405: "unsupported",
    408: "slow",
    413: "large_body",
    414: "large_headers",
    421: "host",
    429: "handshake_rate",
    431: "large_headers",
    501: "unsupported",
    502: "no_answer",
    503: "connections",
    504: "app_timeout",
    505: "unsupported",
}
_REDIRECTS = (301, 302, 307, 308)
# The app's own answers: a plain request where a WebSocket is (426), a refused handshake.
_NO_UPGRADE, _BY_APP, _PLAIN_HTTP = "no_upgrade", "app", "plain_http"
REASONS = tuple(sorted({*_OF_NGINX.values(), _NO_UPGRADE, _BY_APP, _PLAIN_HTTP}))
_LONGEST = 4096  # bytes of a line; nginx sends 2048 at most


@dataclass(frozen=True)
class Line:
    """One request. answered: whether the answer is the app's, not nginx's own. The bytes are
    those of the connection to the app: of a WebSocket all frames and the handshake."""

    status: int
    scheme: str
    upgrade: bool
    answered: bool
    bytes_to_app: int
    bytes_from_app: int

    @property
    def reason(self) -> str | None:
        """Why the request was refused; None if it was not."""
        if self.answered:
            if self.status == 426:
                return _NO_UPGRADE
            return _BY_APP if self.upgrade and self.status != 101 else None
        if self.scheme == "http" and self.status in _REDIRECTS:
            return _PLAIN_HTTP
        if self.scheme == "http" and self.status == 503:  # the trust page is not there yet
            return None
        return _OF_NGINX.get(self.status)


def parse(datagram: bytes) -> Line:
    """Raises ValueError for what nginx does not send."""
    text = datagram.decode("ascii").rpartition("wss: ")[2]
    status, scheme, upgrade, header_time, sent, received = text.strip().split("|")
    return Line(
        int(status),
        scheme,
        upgrade == "websocket",
        _last(header_time) != "-",
        _sum(sent),
        _sum(received),
    )


def _each(text: str) -> list[str]:
    """The values of one of nginx's $upstream_... variables, which has one for each try."""
    return [value.strip() for value in text.replace(" : ", ",").split(",")]


def _last(text: str) -> str:
    return _each(text)[-1]


def _sum(text: str) -> int:
    return sum(int(value) for value in _each(text) if value not in ("", "-"))


class NginxLog(Collector):
    """The counters; a thread reads the socket."""

    def __init__(self, path: Path) -> None:
        """path: the socket, which replaces an older one."""
        self._refused = Counter(dict.fromkeys(REASONS, 0))
        self._ended = 0
        self._bytes = Counter({"received": 0, "sent": 0})
        path.unlink(missing_ok=True)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))
        # In Docker nginx is another user. Nobody else can enter the folder.
        path.chmod(0o666)
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        while True:
            datagram = self._socket.recv(_LONGEST)
            with contextlib.suppress(ValueError):  # not nginx's
                self._count(parse(datagram))

    def _count(self, line: Line) -> None:
        if line.reason:
            self._refused[line.reason] += 1
        if line.answered and line.upgrade and line.status == 101:
            self._ended += 1
            self._bytes["received"] += line.bytes_to_app
            self._bytes["sent"] += line.bytes_from_app

    def collect(self) -> Iterator[Metric]:
        refused = CounterMetricFamily(
            "wss_refused", "Requests and handshakes that were refused.", labels=["reason"]
        )
        for reason, count in self._refused.items():
            refused.add_metric([reason], count)
        yield refused
        yield CounterMetricFamily(
            "wss_nginx_websockets_ended",
            "WebSockets that have ended, to the app, UPSTREAM and SITES.",
            self._ended,
        )
        size = CounterMetricFamily(
            "wss_nginx_websocket_bytes",
            "Bytes of WebSockets that have ended, with frames and handshakes.",
            labels=["direction"],
        )
        for direction, count in self._bytes.items():
            size.add_metric([direction], count)
        yield size
