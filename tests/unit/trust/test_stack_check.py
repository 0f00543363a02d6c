"""What is served at wss://localhost, and what no client can accept, whatever it trusts."""

from __future__ import annotations

import contextlib
import ipaddress
import re
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from certs import authority as authorities
from certs import ca_home, leaf, mint
from certs.authority import Authority
from certs.endpoint import Endpoint
from certs.hosts import parse
from certs.permitted import Permitted
from certs.settings import Settings
from tests.support import certificates
from tests.support.ports import free_port
from trust import rows
from trust.clients.base import Verdict
from trust.commands import Runner
from trust.proof import doctor, echo_server, stack_check
from trust.proof.stack_check import Served

Leaf = Callable[[Authority], bytes]
OURS = parse("").sans()
FAILED, GOOD = Served(Verdict.FAIL), Served(Verdict.PASS, echoes=True)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = certificates.settings(tmp_path, hosts="api.localhost")
    mint.ensure(made)
    return made


def at(
    settings: Settings, port: int, bind: str = "127.0.0.1", *, is_echo_app: bool = True
) -> Settings:
    endpoint = Endpoint(ipaddress.ip_address(bind), https_port=port)
    return replace(settings, endpoint=endpoint, is_echo_app=is_echo_app)


@contextlib.contextmanager
def serving(
    settings: Settings, issue: Leaf, bind: str = "127.0.0.1", *, is_echo_app: bool = True
) -> Iterator[Settings]:
    """The settings of a stack that serves this leaf."""
    authority = certificates.read_authority(settings.ca_home.parent)
    path = settings.ca_home.parent / "served.pem"
    path.write_bytes(issue(authority))
    with echo_server.serve(path) as server:
        yield at(settings, server.target.port, bind, is_echo_app=is_echo_app)


def good(authority: Authority) -> bytes:
    return leaf.issue(authority, parse("api.localhost").sans())


def expired(authority: Authority) -> bytes:
    return leaf.issue(authority, OURS, datetime.now(UTC) - certificates.days(100))


def of_another(_: Authority) -> bytes:
    return leaf.issue(authorities.mint(Permitted(), "root@elsewhere"), OURS)


def for_others(authority: Authority) -> bytes:
    return leaf.issue(authority, ("api.localhost",))


def for_fewer(authority: Authority) -> bytes:
    return leaf.issue(authority, OURS)


REFUSED: dict[str, tuple[Leaf, str]] = {
    "expired": (expired, " has expired$"),
    "of another authority": (
        of_another,
        r" is not of this authority, but of CN=wss-stack .*root@elsewhere.*: unable to get local",
    ),
    "of nobody": (
        lambda _: certificates.leaf_without_names(),
        " is not of this authority, but of CN=localhost: self-signed",
    ),
    "not for localhost": (for_others, " is not for localhost$"),
    "not for a host of HOSTS": (for_fewer, " is not for api.localhost$"),
}


@pytest.mark.parametrize(("issue", "why"), REFUSED.values(), ids=REFUSED)
def test_leaf_that_no_client_can_accept_is_a_failure_with_its_cause(
    settings: Settings, issue: Leaf, why: str
) -> None:
    with serving(settings, issue) as asked:
        found = stack_check.look(asked)
    assert (found.verdict, found.fix) == (Verdict.FAIL, "make up")
    assert found.why.startswith(f"the certificate on port {asked.endpoint.https_port}")
    assert re.search(why, found.why), found.why


@pytest.mark.parametrize("issue", [issue for issue, _ in REFUSED.values()], ids=REFUSED)
def test_doctor_does_not_say_that_all_is_ok_after_a_failed_stack(
    settings: Settings, issue: Leaf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No store is to blame, and no client fails: they are proven against another server."""
    monkeypatch.setattr("trust.bundle.public", lambda *_: settings.ca_home / ca_home.ROOT)
    authority = certificates.read_authority(settings.ca_home.parent)
    with serving(settings, issue) as asked:
        checks = list(doctor.examine(asked, {}, Runner({}, interactive=False), [], authority))
    assert rows.answer(as_json=False, rows=[], checks=checks) == 1


@pytest.mark.parametrize(("patience", "expected"), [(0.0, FAILED), (10.0, GOOD)])
def test_new_leaf_may_take_a_moment_to_be_served(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, patience: float, expected: Served
) -> None:
    answers = [FAILED, FAILED, GOOD]
    monkeypatch.setattr(stack_check, "_look", lambda _: answers.pop(0))
    assert stack_check.look(settings, patience) == expected


def test_the_good_leaf_is_a_pass_and_echoes(settings: Settings) -> None:
    with serving(settings, good) as asked:
        assert stack_check.look(asked) == GOOD


def test_another_app_is_not_asked_for_an_echo(settings: Settings) -> None:
    with serving(settings, good, is_echo_app=False) as asked:
        found = stack_check.look(asked)
    why = "its certificate is good; whether your app answers was not looked at"
    assert found == Served(Verdict.PASS, why)


def test_stack_is_asked_where_it_is_bound(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Elsewhere than localhost leads, so clients cannot be proven there."""
    monkeypatch.setattr(echo_server, "_HOST", "127.0.0.2")
    with serving(settings, good, bind="127.0.0.2") as asked:
        found = stack_check.look(asked)
    why = "its certificate is good; localhost does not lead to 127.0.0.2"
    assert found == Served(Verdict.PASS, why)


def test_an_app_that_does_not_echo_is_no_matter_of_trust(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_echo(*_: object) -> None:
        raise ConnectionError("no echo, but 'HTTP/1.1 502 Bad Gateway'")

    monkeypatch.setattr("stack.asking.echo", no_echo)
    with serving(settings, good) as asked:
        found = stack_check.look(asked)
    assert (found.verdict, found.fix) == (Verdict.UNKNOWN, "make logs")
    assert "its certificate is good, but no echo came" in found.why
    assert "502" in found.why


def test_stack_is_down_where_nothing_listens(settings: Settings) -> None:
    port = free_port()
    found = stack_check.look(at(settings, port))
    assert found == Served(Verdict.UNKNOWN, f"nothing listens on port {port}", "make up")


def test_server_without_tls_is_not_the_stack(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        found = stack_check.look(at(settings, server.getsockname()[1]))
        thread.join()
    assert (found.verdict, found.fix) == (Verdict.UNKNOWN, "make up")
    assert "speaks no TLS" in found.why
