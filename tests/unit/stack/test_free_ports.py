"""HTTPS_PORT=auto and HTTP_PORT=auto: which port is chosen, and which one is kept."""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path

import pytest

from certs import nginx_values
from certs import settings as of_certs
from certs.endpoint import Endpoint
from certs.errors import SettingError
from certs.names import Address
from stack import free_ports, ports, recorded
from stack.settings import Settings, read

Taken = Callable[..., None]
BOTH = {"HTTPS_PORT": "auto", "HTTP_PORT": "auto"}


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> Taken:
    """Says which ports somebody listens on; none at first."""

    def listen(*numbers: int, error: int = errno.EADDRINUSE) -> None:
        def refused(_: Address, port: int) -> OSError | None:
            return OSError(error, "no") if port in numbers else None

        monkeypatch.setattr(ports, "refused", refused)

    listen()
    monkeypatch.setattr(ports, "container", lambda _: None)
    return listen


def settings(folder: Path, **env: str) -> Settings:
    return read({"HOME": str(folder), "STATE_DIR": str(folder / "run"), **env})


def chosen(made: Settings) -> tuple[int, int]:
    assert made.endpoint.auto == ()
    for name in BOTH:
        assert made.env[name] == str(made.endpoint.port(name)), "for Compose"
    return made.endpoint.https_port, made.endpoint.http_port


def test_free_defaults_are_taken(tmp_path: Path, taken: Taken) -> None:
    assert chosen(free_ports.choose(settings(tmp_path, **BOTH), runs=False)) == (8443, 8080)


def test_next_free_ones_are_taken(tmp_path: Path, taken: Taken) -> None:
    taken(8443, 8444, 8080)
    assert chosen(free_ports.choose(settings(tmp_path, **BOTH), runs=False)) == (8445, 8081)


def test_port_of_the_other_setting_is_passed_over(tmp_path: Path, taken: Taken) -> None:
    asked = settings(tmp_path, HTTPS_PORT="8080", HTTP_PORT="auto")
    assert chosen(free_ports.choose(asked, runs=False)) == (8080, 8081)
    asked = settings(tmp_path, HTTPS_PORT="auto", HTTP_PORT="8443")
    assert chosen(free_ports.choose(asked, runs=False)) == (8444, 8443)


def test_port_that_another_was_quicker_to_take_is_passed_over(tmp_path: Path, taken: Taken) -> None:
    made = free_ports.choose(settings(tmp_path, **BOTH), runs=False, lost={8443, 8444})
    assert chosen(made) == (8445, 8080)


def test_numbers_are_left_alone(tmp_path: Path, taken: Taken) -> None:
    taken(9443)
    asked = settings(tmp_path, HTTPS_PORT="9443")
    assert free_ports.choose(asked, runs=False) is asked


def test_check_says_what_else_is_wrong_with_an_address(tmp_path: Path, taken: Taken) -> None:
    taken(8443, error=errno.EADDRNOTAVAIL)
    assert chosen(free_ports.choose(settings(tmp_path, **BOTH), runs=False)) == (8443, 8080)


def test_recorded_ports_are_kept_until_they_are_forgotten(tmp_path: Path, taken: Taken) -> None:
    asked = settings(tmp_path, **BOTH)
    recorded.write(asked.state_dir, Endpoint(https_port=8450, http_port=8090), {})
    assert chosen(free_ports.choose(asked, runs=False)) == (8450, 8090)
    taken(8450, 8090)
    assert chosen(free_ports.choose(asked, runs=True)) == (8450, 8090), "they are its own"
    assert chosen(free_ports.choose(asked, runs=False)) == (8443, 8080), "somebody else's"
    taken()
    recorded.forget(asked.state_dir)
    assert chosen(free_ports.choose(asked, runs=False)) == (8443, 8080)
    recorded.forget(asked.state_dir)  # quiet where there is none


@pytest.mark.parametrize("text", ["", "HTTPS_PORT\n", "HTTPS_PORT=x\n", "HTTPS_PORT=\u0663\n"])
def test_damaged_record_is_none(text: str, tmp_path: Path) -> None:
    (tmp_path / "endpoint").write_text(text)
    assert recorded.ports(tmp_path) == {}


def test_taken_ports_are_those_that_somebody_listens_on(
    tmp_path: Path, taken: Taken, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = settings(tmp_path, HTTPS_PORT="8450", HTTP_PORT="8090")
    taken(8450, 8090)
    assert free_ports.taken(made, ("HTTPS_PORT",)) == {8450}
    taken()
    assert free_ports.taken(made, tuple(BOTH)) == set()
    # An engine without a proxy process: the port is taken by its rules alone.
    monkeypatch.setattr(ports, "container", lambda port: "container x" if port == 8090 else None)
    assert free_ports.taken(made, tuple(BOTH)) == {8090}


def test_container_refuses_what_compose_cannot_choose(tmp_path: Path) -> None:
    env = {"HOME": str(tmp_path), "HTTP_PORT": "auto"}
    with pytest.raises(SettingError, match=r"HTTP_PORT=8081 docker compose up -d --wait"):
        nginx_values.in_docker(of_certs.read(env))


def test_the_trust_commands_and_others_take_the_default_before_the_first_start() -> None:
    endpoint = of_certs.read({"HOME": "/home/ada", **BOTH}).endpoint
    assert (endpoint.https_port, endpoint.http_port) == (8443, 8080)
    assert endpoint.auto == ("HTTPS_PORT", "HTTP_PORT")
