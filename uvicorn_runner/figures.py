"""The counts of connections and messages, handed to the metrics process (METRICS_PORT).

protocol.py always counts, because four additions cost an echo less than any way to turn them off.
The counts are plain integers and the answer is JSON, not Prometheus' form: that would cost more,
and a user's app may have any version of prometheus_client.
"""

from __future__ import annotations

import json
import socketserver
import threading
from collections import Counter
from pathlib import Path
from typing import Any


class Figures:
    """The figures of this process since its start. Bytes are those of messages, without frames
    and before compression. closed: the number of connections by close code."""

    def __init__(self) -> None:
        self.opened = 0
        self.closed: Counter[int] = Counter()
        self.received = 0
        self.received_bytes = 0
        self.sent = 0
        self.sent_bytes = 0


FIGURES = Figures()


class _Answer(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        self.request.sendall(json.dumps(vars(FIGURES)).encode())


class _Port(socketserver.TCPServer):
    allow_reuse_address = True  # the app was started again a moment ago


def serve(where: Path | int) -> None:
    """Starts a thread that answers each connection with the figures, as JSON, and closes it.

    where: a Unix socket, or a port on all addresses of a container. The answer fits into the
    system's buffers, so no client can hold the thread. Raises OSError.
    """
    server: Any
    if isinstance(where, Path):
        where.unlink(missing_ok=True)  # RELOAD: an earlier process of the app left it
        server = socketserver.UnixStreamServer(str(where), _Answer)
    else:
        server = _Port(("0.0.0.0", where), _Answer)  # noqa: S104 # never published
    threading.Thread(target=server.serve_forever, daemon=True).start()
