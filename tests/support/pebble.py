"""Pebble, the ACME server for tests (RFC 8555), with its DNS: on the loopback alone, on ports of
its own, for ten minutes at most."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import shutil
import ssl
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme

from tests.support.ports import free_port
from tests.support.waiting import until

PROGRAMS = ("pebble", "pebble-challtestsrv")
_MOST = "600"  # seconds, if the tests are killed


@dataclass(frozen=True)
class Pebble:
    """A running one. root: the file with the root of its own TLS, not of what it issues."""

    root: Path
    port: int
    _dns: int
    _management: int
    _dns_management: int

    @property
    def directory(self) -> str:
        """The URL that an ACME client is given."""
        return f"https://localhost:{self.port}/dir"

    def issuer(self) -> str:
        """The root of the certificates that it issues, in PEM."""
        tls = ssl.create_default_context(cafile=str(self.root))
        return _ask(
            http.client.HTTPSConnection("localhost", self._management, timeout=10, context=tls),
            "GET",
            "/roots/0",
        )

    def dns(self, command: str, **values: str | list[str]) -> bool:
        """Changes the DNS: `set-default-ipv4` with ip, `add-a` with host and addresses,
        `clear-a` with host."""
        management = http.client.HTTPConnection("127.0.0.1", self._dns_management, timeout=10)
        return _ask(management, "POST", f"/{command}", json.dumps(values)) == ""

    @property
    def resolver(self) -> str:
        """The DNS, as host:port. Not at 127.0.0.1, where free_port holds the port for UDP."""
        return f"127.0.0.2:{self._dns}"

    @property
    def dns_url(self) -> str:
        """The URL of what changes the DNS."""
        return f"http://127.0.0.1:{self._dns_management}"


def _ask(client: http.client.HTTPConnection, method: str, path: str, body: str = "") -> str:
    with contextlib.closing(client):
        client.request(method, path, body)
        response = client.getresponse()
        text = response.read().decode()
    assert response.status == 200, text
    return text


def skip_without(*programs: str) -> None:
    for program in programs:
        if not shutil.which(program):
            pytest.skip(f"{program} is not installed: apt install {program.split('-')[0]}")


@contextlib.contextmanager
def pebble(folder: Path, http_port: int, days: int) -> Iterator[Pebble]:
    """Asks for challenges at http_port, whatever the name; issues certificates for so many
    days."""
    ports = [free_port() for _ in range(4)]
    made = Pebble(folder / "pebble-root.pem", *ports)
    authority = trustme.CA()
    authority.cert_pem.write_to_path(made.root)
    leaf = authority.issue_cert("localhost")
    leaf.cert_chain_pems[0].write_to_path(folder / "pebble.pem")
    leaf.private_key_pem.write_to_path(folder / "pebble-key.pem")
    config = {
        "listenAddress": f"127.0.0.1:{made.port}",
        "managementListenAddress": f"127.0.0.1:{made._management}",
        "certificate": str(folder / "pebble.pem"),
        "privateKey": str(folder / "pebble-key.pem"),
        "httpPort": http_port,
        "certificateValidityPeriod": days * 86400,
    }
    (folder / "pebble.json").write_text(json.dumps({"pebble": config}))
    # Otherwise it waits for up to 15 seconds before it asks, refuses good nonces now and then,
    # and asks for no challenge where an earlier one was good.
    quirks = {"PEBBLE_VA_NOSLEEP": "1", "PEBBLE_WFE_NONCEREJECT": "0", "PEBBLE_AUTHZREUSE": "0"}
    off = [f"-{name}=" for name in ("http01", "https01", "tlsalpn01", "defaultIPv6")]
    management = f"-management=127.0.0.1:{made._dns_management}"
    commands = {
        "pebble-challtestsrv": [f"-dns01={made.resolver}", management, *off],
        "pebble": ["-config", str(folder / "pebble.json"), "-dnsserver", made.resolver],
    }
    with contextlib.ExitStack() as running:
        for name, arguments in commands.items():
            log = folder / f"{name}.log"
            running.enter_context(_running([name, *arguments], quirks, log))
        until(made.issuer, f"pebble; see {folder}/*.log")
        until(lambda: made.dns("set-default-ipv4", ip="127.0.0.1"), "its DNS")
        yield made


@contextlib.contextmanager
def _running(command: list[str], env: Mapping[str, str], log: Path) -> Iterator[None]:
    with (
        log.open("w") as file,
        subprocess.Popen(
            ["timeout", _MOST, *command],
            env={**os.environ, **env},
            stdout=file,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        try:
            yield
        finally:
            process.terminate()
