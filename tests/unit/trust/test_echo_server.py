from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from cryptography import x509
from websockets.typing import Origin

from certs import authority as authorities
from certs import leaf
from certs.authority import Authority
from certs.hosts import parse
from certs.permitted import parse_permit
from tests.support.tls import connect
from tests.support.waiting import until
from trust.proof import echo_server
from trust.proof.echo_server import Probe

AUTHORITY: Authority = authorities.mint(parse_permit(""), "ada@engine")
HOSTS = parse("api.localhost")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "leaf.pem"
    path.write_bytes(leaf.issue(AUTHORITY, HOSTS.sans()))
    return path


@pytest.fixture
def served(file: Path) -> Iterator[Probe]:
    with echo_server.serve(file) as running:
        yield running


def trusting() -> ssl.SSLContext:
    context = ssl.create_default_context(cadata=AUTHORITY.root_pem().decode())
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    return context


def get(port: int, path: str, host: str = "localhost") -> tuple[int, bytes]:
    connection = http.client.HTTPSConnection(host, port, timeout=5, context=trusting())
    with contextlib.closing(connection):
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read()


def sans_seen(port: int, name: str | None) -> set[str]:
    """Of the leaf that is served to whoever asks for this name, or for none."""
    context = trusting()
    context.check_hostname = name is not None
    with (
        socket.create_connection(("127.0.0.1", port), 5) as plain,
        context.wrap_socket(plain, server_hostname=name) as connection,
    ):
        der = connection.getpeercert(binary_form=True)
        assert der
        return leaf.sans_of(x509.load_der_x509_certificate(der))


def page(url: str, report: str | None = None) -> tuple[int, str]:
    """What the plain server says to a GET, or to this report."""
    split = urlsplit(url)
    connection = http.client.HTTPConnection(split.netloc, timeout=5)
    with contextlib.closing(connection):
        connection.request("GET" if report is None else "POST", split.path, report)
        response = connection.getresponse()
        return response.status, response.read().decode()


def test_server_echoes_with_the_leaf(served: Probe) -> None:
    with connect(served.target.wss, trusting()) as client:
        for message in ("hello", b"\x00\xff", "x" * 100_000):
            client.send(message)
            assert client.recv(timeout=5) == message


@pytest.mark.parametrize(("path", "status"), [("/", 200), ("/else", 404), ("/ws", 426)])
def test_server_answers_https(served: Probe, path: str, status: int) -> None:
    assert get(served.target.port, path)[0] == status


def test_no_origin_is_refused(served: Probe) -> None:
    origin = Origin("http://127.0.0.1:1")
    with connect(served.target.wss, trusting(), origin=origin) as client:
        client.send("x")
        assert client.recv(timeout=5) == "x"


def test_client_without_trust_refuses_and_others_are_served_on(served: Probe) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        connect(served.target.wss, ssl.create_default_context())
    assert get(served.target.port, "/")[0] == 200


def test_server_binds_the_loopback_alone(served: Probe) -> None:
    plain = urlsplit(served.visit().url).port
    for port in (served.target.port, plain):
        with pytest.raises(OSError, match=r"refused|unreachable|assign"):
            socket.create_connection(("::1", port), 5)
        with socket.socket() as other:
            other.bind(("127.0.0.2", port))


def test_the_names_only_leaf_is_for_those_that_name_a_host(file: Path) -> None:
    """As nginx does: bun accepts no addresses."""
    file.with_name("leaf-names.pem").write_bytes(leaf.issue(AUTHORITY, HOSTS.names))
    with echo_server.serve(file) as served:
        assert sans_seen(served.target.port, "localhost") == set(HOSTS.names)
        assert sans_seen(served.target.port, None) == set(HOSTS.sans())


def test_leaf_with_addresses_is_served_where_there_is_no_other(served: Probe) -> None:
    assert sans_seen(served.target.port, "localhost") == set(HOSTS.sans())


def test_a_page_opens_the_echo_and_reports_once(served: Probe) -> None:
    visit, other = served.visit(), served.visit()
    status, text = page(visit.url)
    assert status == 200
    assert f'"{served.target.wss}"' in text
    assert visit.token in text
    assert page(visit.url, echo_server.PASS) == (200, "")
    assert page(visit.url, "something else") == (200, "")
    assert visit.result(5) == "pass"
    assert other.result(0) is None


def test_page_that_was_asked_for_alone_is_served(served: Probe) -> None:
    url = served.visit().url
    for path in ("x", "", f"{url[-5:]}"):
        address = f"{url.rpartition('/')[0]}/{path}"
        assert page(address)[0] == page(address, "pass")[0] == 404


def test_a_long_report_is_cut(served: Probe) -> None:
    visit = served.visit()
    assert page(visit.url, "x" * 10_000)[0] == 200
    assert len(visit.result(5) or "") == 4096


def test_wait_ends_when_the_browser_has_ended(served: Probe) -> None:
    assert served.visit().result(60, ended=lambda: True) is None


def test_a_report_that_came_while_the_browser_ended_counts(served: Probe) -> None:
    visit = served.visit()

    def ended() -> bool:
        page(visit.url, "pass")
        return True

    assert visit.result(5, ended) == "pass"


def test_server_leaves_no_thread_and_no_port(file: Path) -> None:
    before = threading.active_count()
    with echo_server.serve(file) as served:
        url = served.visit().url
        assert page(url)[0] == 200
        client = connect(served.target.wss, trusting())
    with client, pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", served.target.port), 5)
    with pytest.raises(OSError, match="refused"):
        page(url)
    until(lambda: threading.active_count() == before, "its threads to end")


@pytest.mark.parametrize("content", [b"", b"rubbish", AUTHORITY.root_pem()])
def test_a_leaf_that_cannot_be_served_is_an_os_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "leaf.pem"
    path.write_bytes(content)
    before = threading.active_count()
    with pytest.raises(OSError, match=r"PEM|SSL"), echo_server.serve(path):
        pass
    with pytest.raises(FileNotFoundError), echo_server.serve(tmp_path / "missing.pem"):
        pass
    assert threading.active_count() == before


def test_two_servers_at_once_have_ports_of_their_own(file: Path, served: Probe) -> None:
    with echo_server.serve(file) as second:
        assert second.target.port != served.target.port
        assert get(second.target.port, "/")[0] == get(served.target.port, "/")[0] == 200
