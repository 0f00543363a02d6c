"""Settings of the stack: read once, and every wrong one is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from certs.settings import SettingError
from stack.settings import read, read_for_stopping

HOME = {"HOME": "/home/somebody"}


def test_defaults() -> None:
    settings = read(HOME)
    assert settings.mode is None
    assert str(settings.bind) == "127.0.0.1"
    assert (settings.https_port, settings.http_port) == (8443, 8080)
    assert settings.allowed_origins == ()
    assert settings.certs.ca_home == Path("/home/somebody/.local/share/wss-stack")
    assert settings.app.app == "app.main:app"
    assert settings.app.ws_max_size == 16 * 1024 * 1024
    assert settings.url == "https://localhost:8443"


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("MODE", "podman", "docker, local"),
        ("BIND", "localhost", "127.0.0.1"),
        ("BIND", "1.2.3", "127.0.0.1"),
        ("HTTPS_PORT", "https", "from 1 to 65535"),
        ("HTTPS_PORT", "0", "from 1 to 65535"),
        ("HTTPS_PORT", "65536", "from 1 to 65535"),
        ("HTTPS_PORT", "-1", "from 1 to 65535"),
        ("HTTP_PORT", "80a", "from 1 to 65535"),
        ("HTTP_PORT", "8443", "HTTP_PORT=8444"),
        ("ALLOWED_ORIGINS", "example.com", "scheme://host"),
        ("ALLOWED_ORIGINS", "https://a.example/", "scheme://host"),
        ("ALLOWED_ORIGINS", "https://a.example;", "scheme://host"),
        ("ALLOWED_ORIGINS", "https://fine.example *", "scheme://host"),
        ("HOSTS", "*.localhost", "api.localhost"),
        ("CA_HOME", "here", "./here"),
        ("APP", "chat", "module:attribute"),
        ("APP", "chat:", "module:attribute"),
        ("LOG_LEVEL", "loud", "debug, info"),
        ("WS_MAX_SIZE", "lots", "16m"),
        ("WS_MAX_SIZE", "0", "16m"),
        ("WS_MAX_SIZE", "-1", "16m"),
    ],
)
def test_a_wrong_value_is_named_with_what_would_do(name: str, value: str, says: str) -> None:
    with pytest.raises(SettingError) as error:
        read({**HOME, name: value})
    assert name in str(error.value)
    assert says in str(error.value)


@pytest.mark.parametrize(
    ("text", "size"),
    [("1", 1), ("1k", 1024), ("1 KiB", 1024), ("2M", 2 << 20), ("2mb", 2 << 20), ("100B", 100)],
)
def test_sizes(text: str, size: int) -> None:
    assert read({**HOME, "WS_MAX_SIZE": text}).app.ws_max_size == size


@pytest.mark.parametrize(
    ("bind", "connects_to"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("0.0.0.0", "127.0.0.1"),  # noqa: S104
        ("::", "::1"),
        ("[::1]", "::1"),
        ("192.168.1.5", "192.168.1.5"),
    ],
)
def test_where_the_stack_is_asked(bind: str, connects_to: str) -> None:
    assert read({**HOME, "BIND": bind}).connect_to == (connects_to, 8443)


def test_what_runs_can_be_stopped_whatever_the_settings() -> None:
    settings = read_for_stopping({**HOME, "BIND": "nonsense", "STATE_DIR": "/somewhere"})
    assert settings.state_dir == Path("/somewhere")
    assert settings.env["BIND"] == "nonsense"
