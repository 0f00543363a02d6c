"""What people and other programs write, as nobody would: each parser gives its result or
raises its own error, and what it accepts it accepts again as it says it itself."""

from __future__ import annotations

import contextlib
import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import certs.settings
import uvicorn_runner.settings
from certs import all_settings, authority, ca_home, hosts, nginx_values, origins
from certs.dotenv import merged_environment
from certs.errors import SettingError
from certs.names import HostError
from certs.permitted import Permitted, parse_permit
from certs.upstreams import UpstreamError, parse_sites, parse_upstream
from metrics import nginx_log, replicas
from tests.support.fuzzing import fuzzed, texts
from trust.stores.ledger import Entry, Ledger, LedgerError

# Python refuses to read a number of so many digits.
LONG = "1" * 5000


@fuzzed
@given(texts)
@example("fd00::1%eth0")
@example("1" * 400 + ".test")
def test_hosts_are_read_or_refused(text: str) -> None:
    with contextlib.suppress(HostError):
        read = hosts.parse(text)
        assert hosts.parse(" ".join(read.sans())) == read
        assert hosts.parse(" ".join(read.authorities())) == read
        assert all("%" not in san and san.isascii() for san in read.sans())


@fuzzed
@given(texts)
@example("fd00::1%eth0")
@example("fd00::%1/64")
@example(f"10.0.0.0/{LONG}")
def test_permit_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(HostError):
        read = parse_permit(text)
        assert parse_permit(" ".join(read.minus(Permitted()))).union(read) == read
        assert "%" not in str(read)


@fuzzed
@given(texts)
@example(f"localhost:{LONG}")
@example("[fd00::1%eth0]:80")
def test_upstream_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(UpstreamError):
        read = parse_upstream(text)
        assert parse_upstream(str(read)) == read
        assert isinstance(read.loopback, bool)
        assert str(read).isascii()
        assert "%" not in str(read)


@fuzzed
@given(st.lists(st.tuples(texts, texts), max_size=3))
@example([("api.localhost", f"localhost:{LONG}")])
def test_sites_are_read_or_refused(items: list[tuple[str, str]]) -> None:
    text = ", ".join(f"{name}={server}" for name, server in items)
    with contextlib.suppress(UpstreamError, HostError):
        read = parse_sites(text)
        assert parse_sites(" ".join(f"{one.host}={one.upstream}" for one in read)) == read


@fuzzed
@given(texts)
def test_origins_are_read_or_refused(text: str) -> None:
    with contextlib.suppress(SettingError):
        read = origins.parse(text)
        assert origins.parse(" ".join(read)) == read
        assert not any(set('"\\; ${}') & set(origin) for origin in read)


environments = st.dictionaries(st.sampled_from(all_settings.NAMES), texts, max_size=4)


@fuzzed
@given(environments)
@example({"HTTPS_PORT": LONG})
@example({"MAX_CONNECTIONS": "4097"})
@example({"MAX_CONNECTIONS": "000000001" + LONG})
@example({"MAX_CONNECTIONS": "00000000199999"})
@example({"BIND": "fe80::1%\udcff"})
@example({"CA_HOME": "/" + "a" * 300})
def test_settings_are_read_or_refused(env: dict[str, str]) -> None:
    home = {"HOME": "/nonexistent", **env}
    with contextlib.suppress(SettingError):
        read = certs.settings.read(home)
        assert 1 <= read.limits.connections <= 16384
        assert "%" not in str(read.endpoint.bind)
        assert nginx_values.in_docker(read)


@fuzzed
@given(environments)
def test_settings_that_are_refused_can_be_told_to_nginx(env: dict[str, str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        nginx_values.refuse(env, Path(folder), None, "wrong")


@fuzzed
@given(environments)
@example({"WS_MAX_SIZE": LONG})
def test_settings_of_the_app_are_read_or_refused(env: dict[str, str]) -> None:
    with contextlib.suppress(uvicorn_runner.settings.SettingError):
        assert uvicorn_runner.settings.read(env).ws_max_size > 0


lines = st.tuples(st.sampled_from([*all_settings.NAMES, "OTHER", "export APP", ""]), texts)
dotenvs = st.lists(lines.map("=".join), max_size=4).map("\n".join)


@fuzzed
@given(st.binary(max_size=30) | dotenvs.map(lambda text: text.encode(errors="surrogateescape")))
def test_dotenv_is_read_or_refused(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / ".env").write_bytes(data)
        told: list[str] = []
        read = merged_environment(Path(folder), warn=told.append)
        assert not any("\0" in text for text in read.values())
        if told:
            with pytest.raises(SettingError):
                merged_environment(Path(folder))
        else:
            assert merged_environment(Path(folder)) == read


@pytest.fixture(scope="module")
def entry() -> dict[str, str]:
    return {
        "kind": "nss",
        "place": "sql:/home/ada/.pki/nssdb",
        "title": "Chromium",
        "when": "2026-11-26T12:00:00+00:00",
        "pem": authority.mint(Permitted(), "ada@engine").root_pem().decode(),
    }


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)
fields = st.sampled_from(("kind", "place", "title", "when", "pem", "other"))
whens = st.datetimes().map(str) | st.text(max_size=30)


@fuzzed
@given(st.dictionaries(fields, anything | whens, max_size=2), anything)
@example({"kind": ["nss"]}, None)
@example({"place": "\0"}, None)
@example({"place": "\ud800"}, None)
@example({"when": "2026-11-25T23:00:00"}, None)
@example({"pem": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"}, None)
def test_ledger_is_read_or_refused(
    entry: dict[str, str], changed: dict[str, object], more: object
) -> None:
    entries = [entry, {**entry, **changed}]
    for data in ({"version": 1, "changed": more, "entries": entries}, {"entries": more}, more):
        assert_read_or_refused(json.dumps(data).encode())


@fuzzed
@given(st.binary(max_size=40) | st.text('{}[]",:0"entries', max_size=40).map(str.encode))
@example(b"[" * 100_000)
@example(b'{"entries": ' + LONG.encode() + b"}")
@example(b"\xff\xfe{\0}\0")
def test_damaged_ledger_is_read_or_refused(data: bytes) -> None:
    assert_read_or_refused(data)


def assert_read_or_refused(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / ca_home.LEDGER).write_bytes(data)
        ca_home.changed(folder)
        with contextlib.suppress(LedgerError):
            for one in Ledger(folder):
                assert isinstance(one, Entry)
                assert all(map(str.isprintable, one.sha256))


figures = st.sampled_from(("opened", "closed", "received", "received_bytes", "sent", "sent_bytes"))


@fuzzed
@given(st.dictionaries(figures, anything, max_size=3), st.binary(max_size=20))
@example({"closed": {LONG: 1}}, b"[" * 100_000)
def test_figures_of_an_app_are_read_or_refused(changed: dict[str, object], data: bytes) -> None:
    whole = {**dict.fromkeys(("opened", "received", "received_bytes", "sent", "sent_bytes"), 1)}
    for answer in (json.dumps({**whole, "closed": {"1000": 1}, **changed}).encode(), data):
        with contextlib.suppress(ValueError):
            assert set(replicas.parse(answer).closed) == set(replicas.CODES)


@fuzzed
@given(st.binary(max_size=40) | st.text("|,:-019wss ", max_size=40).map(str.encode))
@example(b"wss: 403|https||-|" + LONG.encode() + b"|-")
def test_datagram_is_read_as_nginxs_line_or_refused(data: bytes) -> None:
    with contextlib.suppress(ValueError):
        assert nginx_log.parse(data).reason in (None, *nginx_log.REASONS)
