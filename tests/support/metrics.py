"""What /metrics says, and how it changes by what a test does."""

from __future__ import annotations

import http.client
import subprocess
import urllib.request

from prometheus_client.parser import text_string_to_metric_families

from tests.support.running import Running
from tests.support.waiting import until

Samples = dict[str, float]  # by name and labels; without the replica, as the sum of all


class Metrics:
    """Those on this port of the loopback."""

    def __init__(self, port: int) -> None:
        self.port = port

    def figures(self, replica: str | None = None) -> Samples:
        """Those of one replica, with its label gone, or of all."""
        url = f"http://127.0.0.1:{self.port}/metrics"
        with urllib.request.urlopen(url, timeout=10) as answer:
            text = answer.read().decode()
        found: Samples = {}
        for family in text_string_to_metric_families(text):
            for name, labels, value, *_ in family.samples:
                if replica in (None, labels.pop("replica", None)):
                    key = " ".join([name, *labels.values()])
                    found[key] = found.get(key, 0) + value
        return found

    def quiet(self) -> Samples:
        """The figures while nobody is connected."""

        def ended() -> Samples:
            found = self.figures()
            assert found["wss_connections_open"] == 0
            return found

        return until(ended, "the end of every connection")

    def changes(self, before: Samples) -> Samples:
        now = self.figures()
        return {key: value - before[key] for key, value in now.items() if value != before[key]}

    def assert_changed(self, before: Samples, **expected: int) -> None:
        """Soon exactly these samples have changed, by so much, but for nginx's bytes. `__` stands
        for the space before a label."""
        wanted = {f"wss_{key.replace('__', ' ')}": value for key, value in expected.items()}

        def seen() -> bool:
            found = self.changes(before)
            assert {k: v for k, v in found.items() if "websocket_bytes" not in k} == wanted
            return True

        until(seen, "these figures")

    def open_on_each(self, stack: Running) -> list[float]:
        """The number of open WebSockets of each replica."""
        return [self.figures(name)["wss_connections_open"] for name in replicas(stack)]


def refused_until_429(stack: Running) -> int:
    """The number of handshakes that nginx let in, and the app refused, before the first that came
    too soon."""
    client = http.client.HTTPSConnection("localhost", stack.https_port, timeout=10)
    names = ("Connection", "Upgrade", "Sec-WebSocket-Version", "Sec-WebSocket-Key")
    values = ("Upgrade", "websocket", "13", "dGhlIHNhbXBsZSBub25jZQ==")
    let_in = 0
    with stack.tls_socket() as client.sock:
        while True:
            client.request("GET", "/nothing-here", headers=dict(zip(names, values, strict=True)))
            with client.getresponse() as response:
                response.read()
            if response.status == 429:
                return let_in
            assert response.status == 403
            let_in += 1


def replicas(stack: Running) -> list[str]:
    """The addresses of the app's containers, which are their labels."""
    form = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}"
    ids = stack.compose("ps", "--quiet", "app").split()
    done = subprocess.run(
        ["docker", "inspect", "--format", form, *ids], capture_output=True, text=True, check=True
    )
    return done.stdout.split()
