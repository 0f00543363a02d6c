"""The leaf is renewed under load: open WebSockets notice nothing."""

from __future__ import annotations

import contextlib
import ssl
import threading
from collections.abc import Iterator

from tests.support.faults import case
from tests.support.running import Running
from tests.support.waiting import until


@contextlib.contextmanager
def unnoticed(stack: Running, name: str, seen: str) -> Iterator[None]:
    """By the WebSockets that are open meanwhile; new ones are served within seconds."""
    with case(stack, name, seen, sockets=100, pause=1.0) as clients:
        yield
    assert clients.codes == []
    clients.assert_back()


def test_a_removed_leaf_is_back_within_seconds(own: Running) -> None:
    own.up()
    before = own.serial()
    with unnoticed(own, "leaf removed", "nothing; certs issues another one"):
        own.in_certs("remove_leaf")
        until(lambda: own.serial() != before, "another leaf", seconds=8)
    assert "it was missing" in own.logs()


def test_an_aged_leaf_is_renewed_within_seconds(own: Running) -> None:
    own.up()
    before = own.serial()
    with unnoticed(own, "leaf near its end", "nothing; certs issues another one"):
        own.in_certs("reissue_leaf", "61", "1")
        own.wait_for_log("it expires on")
        until(lambda: own.serial() != before, "another leaf", seconds=8)


def test_another_host_is_served_within_seconds(own: Running) -> None:
    own.up()
    with unnoticed(own, "another host", "nothing; the leaf has it in seconds"):
        own.up(HOSTS="new.localhost 10.20.30.40")

        def served() -> bool:
            try:
                with own.connect(host="new.localhost") as client:
                    client.send("in")
                    return client.recv(timeout=5) == "in"
            except ssl.SSLCertVerificationError:
                return False

        assert until(served, "the new host", seconds=8)
    # And one that was served no more is refused.
    own.up()
    until(lambda: _refused(own), "the old leaf", seconds=8)


def _refused(stack: Running) -> bool:
    try:
        stack.tls_socket("new.localhost").close()
    except ssl.SSLCertVerificationError:
        return True
    return False


def test_rotations_fail_no_handshake(own: Running) -> None:
    own.up()
    serials: set[str] = set()
    handshakes = 0
    done = threading.Event()
    failures: list[BaseException] = []

    def rotate() -> None:
        try:
            own.in_certs("reissue_leaf", "0", "50")
        except BaseException as error:  # noqa: BLE001 # told to the test below
            failures.append(error)
        finally:
            done.set()

    thread = threading.Thread(target=rotate)
    thread.start()
    while not done.is_set():
        serials.add(own.serial())
        handshakes += 1
    thread.join()
    assert not failures, failures
    assert handshakes > 100
    assert len(serials) > 3, "hardly any rotation was served"
