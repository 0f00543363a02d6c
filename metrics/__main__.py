"""python -m metrics: serves the figures of all replicas of the app, of nginx and of its leaf.

This process has no key and changes nothing. Its environment, from docker-compose.yml or from
stack/local/programs.py:

METRICS_LISTEN: the address and port to listen on. METRICS_LOG: the Unix socket for nginx's log.
METRICS_NGINX: nginx's address and port. METRICS_APP: a name and port of the app's replicas, or a
Unix socket; empty where UPSTREAM takes the app's place.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from prometheus_client import CollectorRegistry, start_http_server

from metrics.leaf import Leaf
from metrics.nginx_log import NginxLog
from metrics.replicas import Replicas


def main() -> int:
    # Blocked before the threads are started, which inherit that: only sigwait gets them.
    ends = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)
    registry = CollectorRegistry()
    registry.register(NginxLog(Path(os.environ["METRICS_LOG"])))
    registry.register(Replicas(os.environ.get("METRICS_APP", "")))
    registry.register(Leaf(*_address(os.environ["METRICS_NGINX"])))
    host, port = _address(os.environ["METRICS_LISTEN"])
    try:
        start_http_server(port, host, registry)
    except OSError as error:
        print(f"metrics: {host}:{port}: {error.strerror}", file=sys.stderr)
        return 1
    print(f"metrics: figures for Prometheus on {host}:{port}", flush=True)
    signal.sigwait(ends)
    return 0


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    return host.strip("[]"), int(port)


if __name__ == "__main__":
    sys.exit(main())
