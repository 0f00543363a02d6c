"""CERT: a certificate of another authority, beside the minted leaf."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from cryptography import x509
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection

from tests.support.own_certificates import Company, Lineage
from tests.support.running import Running, running
from tests.support.tls import connect
from tests.support.waiting import until

COMPANY = Company()
NAMES = ("ws.example.com", "*.example.com", "wss.house.test")


@pytest.fixture(scope="module")
def lineage(mode_or_skip: str, tmp_path_factory: pytest.TempPathFactory) -> Lineage:
    return Lineage(tmp_path_factory.mktemp(f"certbot-{mode_or_skip}"), "ws.example.com")


@pytest.fixture(scope="module")
def certified(
    mode_or_skip: str, lineage: Lineage, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    lineage.renew(COMPANY.issue(*NAMES))
    own = {"CERT": str(lineage.cert), "KEY": str(lineage.key)}
    folder = tmp_path_factory.mktemp(f"own-{mode_or_skip}")
    with running(mode_or_skip, folder, HOSTS="a.house.test", **own) as stack:
        yield stack


@pytest.fixture
def issued(certified: Running, lineage: Lineage) -> int:
    """The serial number of the certificate in the file."""
    return x509.load_pem_x509_certificate(lineage.cert.read_bytes()).serial_number


def company() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=COMPANY.root_pem.decode())
    return context


def serial(stack: Running, name: str) -> int:
    """Of the company's certificate for this name. Raises ssl.SSLCertVerificationError."""
    with stack.tls_socket(name, company()) as connection:
        return int(str((connection.getpeercert() or {})["serialNumber"]), 16)


def get(stack: Running, host: str, path: str) -> http.client.HTTPResponse:
    client = http.client.HTTPConnection("127.0.0.1", stack.http_port, timeout=10)
    client.request("GET", path, headers={"Host": host})
    response = client.getresponse()
    response.read()
    client.close()
    return response


@pytest.mark.parametrize("name", ["ws.example.com", "any.example.com", "wss.house.test"])
def test_its_names_get_it(name: str, certified: Running, issued: int) -> None:
    until(lambda: serial(certified, name) == issued, "the certificate", seconds=8)


@pytest.mark.parametrize("name", ["localhost", "a.house.test", None])
def test_other_names_get_the_minted_leaf(name: str | None, certified: Running, issued: int) -> None:
    with certified.tls_socket(name) as connection:  # trusts the minted root alone
        assert connection.getpeercert()
    with pytest.raises(ssl.SSLCertVerificationError, match="issuer"):
        certified.tls_socket(name, company()).close()


def test_a_wildcard_is_for_one_label(certified: Running, issued: int) -> None:
    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        serial(certified, "a.b.example.com")
    with connect_as(certified, "any.example.com") as client:
        client.send("in")
        assert client.recv(timeout=10) == "in"


def connect_as(stack: Running, host: str, **options: Any) -> ClientConnection:
    return connect(f"wss://{host}:{stack.https_port}/ws", company(), **options)


def test_its_own_pages_may_connect_and_others_not(certified: Running, issued: int) -> None:
    own = f"https://ws.example.com:{certified.https_port}"
    with connect_as(certified, "ws.example.com", origin=own) as client:
        client.send("in")
        assert client.recv(timeout=10) == "in"
    with pytest.raises(InvalidStatus, match="403"):
        connect_as(certified, "ws.example.com", origin="https://example.org").close()


@pytest.mark.parametrize("path", ["/", "/trust/root.crt", "/any?thing"])
def test_plain_http_leads_to_tls_and_not_to_the_trust_page(
    path: str, certified: Running, issued: int
) -> None:
    for host in ("ws.example.com", "any.example.com"):
        response = get(certified, host, path)
        assert response.status == 307
        assert response.getheader("Location") == f"https://{host}:{certified.https_port}{path}"
    assert get(certified, "localhost", "/").status == 200
    assert get(certified, "example.org", "/").status == 421


def test_a_new_file_counts_and_open_websockets_go_on(
    certified: Running, lineage: Lineage, issued: int
) -> None:
    with ExitStack() as stack:
        clients = [stack.enter_context(connect_as(certified, NAMES[0])) for _ in range(20)]
        new = COMPANY.issue(*NAMES, rsa=True)  # of another kind, too
        lineage.renew(new)
        until(lambda: serial(certified, NAMES[0]) == new.serial, "the new one", seconds=8)
        for number, client in enumerate(clients):
            client.send(str(number))
            assert client.recv(timeout=10) == str(number)


def test_a_public_name_is_added_without_a_restart(
    certified: Running, lineage: Lineage, issued: int
) -> None:
    new = COMPANY.issue(*NAMES, "new.example.org")
    lineage.renew(new)

    def served() -> bool:
        try:
            return serial(certified, "new.example.org") == new.serial
        except ssl.SSLCertVerificationError:
            return False

    until(served, "the new name", seconds=8)
    with connect_as(certified, "new.example.org") as client:
        client.send("in")
        assert client.recv(timeout=10) == "in"


def test_a_bad_file_is_said_once_and_the_old_one_stays(
    certified: Running, lineage: Lineage, issued: int
) -> None:
    until(lambda: serial(certified, NAMES[0]) == issued, "the good one", seconds=8)
    shown = certified.cli("status").stdout
    assert "CERT     *.example.com, new.example.org, ws.example.com" in shown
    assert "; 59 days left" in shown
    lineage.renew(COMPANY.issue(*NAMES, days=-1))
    certified.wait_for_log("expired on")
    try:
        assert serial(certified, NAMES[0]) == issued
        report = json.loads(certified.cli("status", "--json").stdout)
        assert report["ok"] is False
        found = report["certificate"]
        assert (found["file"], found["ok"], found["days_left"]) == (str(lineage.cert), False, 59)
        assert "expired on" in found["text"]
        assert certified.logs().count("expired on") == 1
    finally:
        lineage.renew(COMPANY.issue(*NAMES))
    certified.wait_for_log("fixed: ")


def test_make_up_refuses_a_key_of_another(certified: Running, lineage: Lineage) -> None:
    other = lineage.folder / "live" / "other.pem"
    other.write_bytes(COMPANY.issue(*NAMES).key)
    done = certified.cli("up", KEY=str(other))
    assert done.returncode == 1
    assert f"KEY {other} belongs to another certificate" in done.stderr
    with socket.create_connection(("127.0.0.1", certified.https_port), timeout=5):
        pass  # what runs is left alone
