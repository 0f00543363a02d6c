"""UPSTREAM and SITES: what is taken, and what each wrong one is told."""

from __future__ import annotations

import pytest

from certs.names import HostError
from certs.upstreams import Site, Upstream, UpstreamError, parse_sites, parse_upstream


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("localhost:3000", "localhost", 3000),
        ("127.0.0.1:80", "127.0.0.1", 80),
        ("[::1]:65535", "[::1]", 65535),
        ("[FD00:0::1]:1", "[fd00::1]", 1),
        ("my_service:8000", "my_service", 8000),
        ("host.docker.internal:5173", "host.docker.internal", 5173),
    ],
)
def test_an_upstream_is_a_host_and_a_port(text: str, host: str, port: int) -> None:
    assert parse_upstream(text) == Upstream(host, port)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "localhost",
        "localhost:",
        ":3000",
        "localhost:0",
        "localhost:65536",
        "localhost:³",
        "localhost:-1",
        "http://localhost:3000",
        "localhost:3000/path",
        "::1:3000",
        "[::g]:3000",
        "a b:1",
        "a;b:1",
        "a..b:1",
        "-a:1",
        "$host:1",
        "unix:/run/app.sock",
    ],
)
def test_text_that_is_no_upstream_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(UpstreamError, match="write one like") as error:
        parse_upstream(text)
    assert repr(text) in str(error.value)


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("localhost", True),
        ("api.localhost", True),
        ("127.0.0.1", True),
        ("127.1.2.3", True),
        ("[::1]", True),
        ("app", False),
        ("host.docker.internal", False),
        ("10.0.0.1", False),
        ("[fd00::1]", False),
    ],
)
def test_loopback_of_an_upstream_is_known(host: str, loopback: bool) -> None:
    assert Upstream(host, 1).loopback is loopback


def test_sites_are_names_with_an_upstream_each() -> None:
    text = "api.localhost=127.0.0.1:3000, *.app.localhost=web:80 192.168.1.5=[fd00::1]:9"
    assert parse_sites(text) == (
        Site("api.localhost", Upstream("127.0.0.1", 3000)),
        Site("*.app.localhost", Upstream("web", 80)),
        Site("192.168.1.5", Upstream("[fd00::1]", 9)),
    )


def test_a_sites_name_is_as_clients_send_it() -> None:
    assert [site.host for site in parse_sites("API.localhost=a:1 bücher.test=b:1")] == [
        "api.localhost",
        "xn--bcher-kva.test",
    ]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("api.localhost", "name=host:port"),
        ("=a:1", "name=host:port"),
        ("api.localhost=", "host:port"),
        ("api.localhost=a", "host:port"),
        ("api.localhost=a:1 API.localhost=b:1", "twice"),
        ("localhost=a:1", "UPSTREAM"),
        ("[::1]=a:1", "UPSTREAM"),
    ],
)
def test_a_wrong_site_is_named(text: str, says: str) -> None:
    with pytest.raises(UpstreamError, match="SITES") as error:
        parse_sites(text)
    assert says in str(error.value)


def test_a_name_that_no_leaf_can_have_is_refused_as_a_host_is() -> None:
    with pytest.raises(HostError, match=r"SITES: '\*\.localhost'"):
        parse_sites("*.localhost=a:1")


@pytest.mark.parametrize(
    ("text", "tried"),
    [
        ("127.0.0.1:3000", ["127.0.0.1:3000", "[::1]:3000"]),
        ("[::1]:3000", ["[::1]:3000", "127.0.0.1:3000"]),
        ("localhost:3000", ["127.0.0.1:3000", "[::1]:3000"]),
        ("LocalHost:3000", ["127.0.0.1:3000", "[::1]:3000"]),
        ("127.0.0.2:3000", []),
        ("api.localhost:3000", []),
        ("web:3000", []),
        ("[fd00::1]:3000", []),
    ],
)
def test_localhost_is_both_of_its_addresses(text: str, tried: list[str]) -> None:
    assert [str(upstream) for upstream in parse_upstream(text).loopbacks()] == tried
