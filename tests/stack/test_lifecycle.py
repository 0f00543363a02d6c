"""Up, down and what may go wrong in between, in both ways of running."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator

import pytest
from websockets.exceptions import ConnectionClosed

from stack.base import StackError
from tests.support.lifecycle import closed, echoes
from tests.support.ports import free_port
from tests.support.projects import SUPPORT
from tests.support.running import Running
from tests.support.waiting import until


@contextlib.contextmanager
def taken(port: int) -> Iterator[None]:
    with socket.socket() as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind(("127.0.0.1", port))
        holder.listen()
        yield


def test_up_twice_says_that_it_runs(own: Running) -> None:
    assert own.up() is True
    assert own.up() is False
    assert [service.name for service in own.stack.status()] == ["certs", "app", "nginx"]
    assert all(service.ok for service in own.stack.status())


def test_down_tells_open_websockets_and_leaves_no_port_open(own: Running) -> None:
    own.up()
    with own.connect() as client:
        client.send("still here")
        client.recv(timeout=5)
        own.down()
        with pytest.raises(ConnectionClosed) as end:
            client.recv(timeout=20)
    assert end.value.rcvd is not None
    assert end.value.rcvd.code == 1012  # service restart: the app had time to say so
    assert closed(own.https_port)
    assert closed(own.http_port)
    assert not own.stack.running()
    own.down()  # quiet when nothing runs


def test_a_restarted_app_is_reached_again(own: Running) -> None:
    own.up()
    with own.connect() as client:
        own.stack.restart("app")
        with pytest.raises(ConnectionClosed) as end:
            client.recv(timeout=20)
    assert end.value.rcvd is not None
    assert end.value.rcvd.code == 1012
    until(lambda: echoes(own), "an echo", seconds=5)


def test_the_root_outlives_everything_but_ca_home(own: Running) -> None:
    own.up()
    root = own.root.read_bytes()
    leaf = own.serial()
    own.remove()
    own.up()
    assert own.root.read_bytes() == root
    assert own.mode == "local" or own.serial() != leaf  # its volume was removed


@pytest.mark.parametrize("name", ["HTTPS_PORT", "HTTP_PORT"])
def test_a_taken_port_is_said_with_who_and_what_to_do(own: Running, name: str) -> None:
    port = own.https_port if name == "HTTPS_PORT" else own.http_port
    with taken(port), pytest.raises(StackError) as error:
        own.up()
    assert f"port {port} ({name}) is taken, by " in str(error.value)
    assert f"{name}=" in str(error.value)
    assert not own.stack.running()
    own.up()  # and once it is free, all is well


def test_a_change_that_cannot_be_made_leaves_what_runs(own: Running) -> None:
    own.up()
    port = free_port()
    with taken(port), pytest.raises(StackError, match=f"port {port} .HTTPS_PORT. is taken"):
        own.up(HTTPS_PORT=str(port))
    assert echoes(own)


@pytest.mark.parametrize(
    ("app", "says"),
    [
        pytest.param("nowhere:app", "nowhere", id="no such module"),
        pytest.param("apps:nothing", "nothing", id="no such attribute"),
    ],
)
def test_a_wrong_app_is_an_error_that_names_it(own: Running, app: str, says: str) -> None:
    with pytest.raises(StackError) as error:
        own.up(APP=app, APP_DIR=SUPPORT)
    assert f"APP is {app!r}" in str(error.value)
    assert says in str(error.value)
    assert "Traceback" not in str(error.value)
    assert not own.stack.running()


def test_message_limit_can_be_set(own: Running) -> None:
    own.up(WS_MAX_SIZE="1k")
    with own.connect(compression=None) as client:
        client.send("x" * 1024)
        assert client.recv(timeout=5) == "x" * 1024
        client.send("x" * 1025)
        with pytest.raises(ConnectionClosed) as end:
            client.recv(timeout=5)
    assert end.value.rcvd is not None
    assert end.value.rcvd.code == 1009


def test_a_damaged_authority_is_kept_aside_and_replaced(own: Running) -> None:
    own.up()
    own.down()
    authority = own.settings.certs.ca_home / "authority.pem"
    authority.write_bytes(b"damaged")
    before = own.root.read_bytes()
    own.up()
    assert own.root.read_bytes() != before
    assert [p.read_bytes() for p in authority.parent.glob("authority.pem.damaged-*")] == [
        b"damaged"
    ]
    assert echoes(own)
