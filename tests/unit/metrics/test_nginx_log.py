"""Refusals by reason and ended WebSockets, from the lines that nginx sends."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from certs.dotenv import CHECKOUT
from metrics.nginx_log import REASONS, NginxLog, parse
from tests.support.waiting import until

HEAD = "<190>Nov 26 16:34:48 wss: "
ENDED = "101|https|websocket|0.002|483|176"


def reason(line: str) -> str | None:
    return parse((HEAD + line).encode()).reason


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (ENDED, None),
        ("200|https||0.001|300|500", None),
        ("404|https||0.001|300|500", None),
        ("502|https||0.001|300|500", None),  # the app's own 502
        ("404|https||-|-|-", None),  # the console is off
        ("503|http||-|-|-", None),
        ("200|http||-|-|-", None),  # the trust page
        ("403|https|websocket|-|-|-", "origin"),
        ("421|https||-|-|-", "host"),
        ("307|http||-|-|-", "plain_http"),
        ("307|https||-|-|-", None),  # to the console
        ("426|https||0.001|300|500", "no_upgrade"),
        ("403|https|websocket|0.001|300|500", "app"),
        ("503|https|websocket|-|-|-", "connections"),
        ("429|https|websocket|-|-|-", "handshake_rate"),
        ("502|https|websocket|-|0|0", "no_answer"),
        ("502|https|websocket|-, -|0, 0|0, 0", "no_answer"),
        ("101|https|websocket|-, 0.001|0, 5|0, 7", None),
        ("504|https|websocket|- : -|1 : 1|2 : 2", "app_timeout"),
        ("413|https||-|-|-", "large_body"),
        ("431|https||-|-|-", "large_headers"),
        ("414|https||-|-|-", "large_headers"),
        ("400|https||-|-|-", "malformed"),
        ("408|https||-|-|-", "slow"),
        ("501|https||-|-|-", "unsupported"),
        ("499|https|websocket|-|-|-", None),  # the client has left
    ],
)
def test_refusal_has_its_reason(line: str, expected: str | None) -> None:
    assert reason(line) == expected
    assert expected is None or expected in REASONS


def test_bytes_of_all_tries_are_added_up() -> None:
    line = parse(f"{HEAD}101|https|websocket|-, 0.001|10, 5|0, 7".encode())
    assert (line.bytes_to_app, line.bytes_from_app) == (15, 7)


@pytest.mark.parametrize(
    "line", ["", "wss:", "101|https", "x|https||-|-|-", "200|https||-|a|-", "\xff" * 20]
)
def test_line_that_is_not_nginxs_is_refused(line: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 # of int() and of unpacking
        parse(line.encode())


def test_format_of_nginxs_line_has_the_fields_in_this_order() -> None:
    text = (CHECKOUT / "nginx/snippets/log.conf").read_text()
    form = "".join(re.findall(r"'([^']*)'", text.partition("log_format metrics")[2]))
    assert form == (
        "$status|$scheme|$websocket_upgrade|$upstream_header_time|"
        "$upstream_bytes_sent|$upstream_bytes_received"
    )


@pytest.fixture
def log(tmp_path: Path) -> Iterator[tuple[CollectorRegistry, socket.socket]]:
    path = tmp_path / "nginx.sock"
    path.touch()  # an earlier process left it
    registry = CollectorRegistry()
    registry.register(NginxLog(path))
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as nginx:
        nginx.connect(str(path))
        yield registry, nginx


def test_lines_are_counted_and_what_is_no_line_changes_nothing(
    log: tuple[CollectorRegistry, socket.socket],
) -> None:
    registry, nginx = log
    refusals = [f"{HEAD}403|https|websocket|-|-|-"] * 3 + [f"{HEAD}421|https||-|-|-"]
    for line in [*refusals, "nonsense", HEAD + ENDED, HEAD + ENDED]:
        nginx.send(line.encode())
    until(lambda: registry.get_sample_value("wss_nginx_websockets_ended_total") == 2, "all lines")
    counts = {
        reason: registry.get_sample_value("wss_refused_total", {"reason": reason})
        for reason in REASONS
    }
    assert counts == {**dict.fromkeys(REASONS, 0), "origin": 3, "host": 1}
    for direction, size in (("received", 2 * 483), ("sent", 2 * 176)):
        labels = {"direction": direction}
        assert registry.get_sample_value("wss_nginx_websocket_bytes_total", labels) == size
