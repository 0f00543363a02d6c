"""The end of the leaf that nginx serves, by a handshake."""

from __future__ import annotations

import ssl
from collections.abc import Iterator

from cryptography import x509
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

_TIMEOUT = 2.0  # seconds


class Leaf(Collector):
    """nginx's address and port."""

    def __init__(self, host: str, port: int) -> None:
        self._address = host, port

    def collect(self) -> Iterator[Metric]:
        """Without the leaf's figure while nginx does not answer."""
        up = GaugeMetricFamily("wss_nginx_up", "Whether nginx completes a TLS handshake.")
        try:
            # Unverified: the figure counts after the leaf's end too, and nothing is sent.
            pem = ssl.get_server_certificate(self._address, timeout=_TIMEOUT)
        except OSError:
            up.add_metric([], 0)
            yield up
            return
        up.add_metric([], 1)
        yield up
        leaf = x509.load_pem_x509_certificate(pem.encode())
        yield GaugeMetricFamily(
            "wss_leaf_not_after_timestamp_seconds",
            "When the served certificate ends, in seconds since 1970.",
            leaf.not_valid_after_utc.timestamp(),
        )
