"""Settings of the stack: read once, and every wrong one is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from certs.dotenv import CHECKOUT
from certs.errors import SettingError
from stack.settings import read, read_for_stopping

HOME = {"HOME": "/home/somebody"}


def test_settings_have_defaults() -> None:
    settings = read(HOME)
    assert settings.mode is None
    assert str(settings.endpoint.bind) == "127.0.0.1"
    assert (settings.endpoint.https_port, settings.endpoint.http_port) == (8443, 8080)
    assert settings.certs.allowed_origins == ()
    assert settings.certs.ca_home == Path("/home/somebody/.local/share/wss-stack")
    assert settings.app.app == "app.main:app"
    assert settings.app.ws_max_size == 16 * 1024 * 1024
    assert settings.endpoint.url == "https://localhost:8443"
    assert (settings.upstream, settings.sites) == (None, ())
    assert settings.app_dir == CHECKOUT / "src"
    assert settings.app_requirements is None
    assert settings.is_echo_app


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
        ("ALLOWED_ORIGINS", "https://fine.example:443", "write https://fine.example"),
        ("HOSTS", "*.localhost", "api.localhost"),
        ("CA_HOME", "here", "./here"),
        ("APP", "chat", "module:attribute"),
        ("APP", "chat:", "module:attribute"),
        ("LOG_LEVEL", "loud", "debug, info"),
        ("WS_MAX_SIZE", "lots", "16m"),
        ("WS_MAX_SIZE", "0", "16m"),
        ("WS_MAX_SIZE", "-1", "16m"),
        ("APP_MEMORY", "lots", "2g"),
        ("APP_MEMORY", "0", "at least 64m"),
        ("APP_MEMORY", "63m", "at least 64m"),
        ("WS_DEFLATE", "on", "1 for on"),
        ("MAX_CONNECTIONS", "0", "from 1 to"),
        ("METRICS_PORT", "auto", "write a port from 1 to 65535, such as 9090"),
        ("METRICS_PORT", "8443", "METRICS_PORT and HTTPS_PORT are both 8443; change one"),
        ("MAX_CONNECTIONS", "many", "from 1 to"),
        ("MAX_CONNECTIONS_PER_ADDRESS", "1e3", "from 1 to"),
        ("HANDSHAKES_PER_SECOND", "99999999999", "from 1 to"),
        ("UPSTREAM", "http://localhost:3000", "without a scheme"),
        ("SITES", "api.localhost", "name=host:port"),
        ("SITES", "*.localhost=a:1", "api.localhost"),
        ("RELOAD", "yes", "1 for on"),
        ("APP_DIR", "project", "./project"),
        ("APP_DIR", "/nowhere/at/all", "no folder"),
        ("PUBLIC", "yes", "1 for on"),
        ("PUBLIC", "1", "CERT=/path/fullchain.pem"),
        ("ACME_WEBROOT", "acme", "./acme"),
        ("ACME_WEBROOT", "/nowhere/at/all", "no folder"),
        ("APP_REQUIREMENTS", "missing.txt", "requirements.txt"),
        ("APP_REQUIREMENTS", "../pyproject.toml", "in APP_DIR"),
        ("APP_REQUIREMENTS", "/etc/hosts", "in APP_DIR"),
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
def test_size_is_read_with_its_unit(text: str, size: int) -> None:
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
def test_stack_is_asked_at_the_address_of_bind(bind: str, connects_to: str) -> None:
    assert read({**HOME, "BIND": bind}).endpoint.address == (connects_to, 8443)


@pytest.mark.parametrize(
    ("bind", "host"),
    [
        ("127.0.0.1", "localhost"),
        ("::1", "localhost"),
        ("0.0.0.0", "localhost"),  # noqa: S104
        ("::", "localhost"),
        ("127.0.0.2", "127.0.0.2"),
        ("192.168.1.5", "192.168.1.5"),
        ("fd00::5", "[fd00::5]"),
    ],
)
def test_url_leads_to_where_the_stack_listens(bind: str, host: str) -> None:
    settings = read({**HOME, "BIND": bind, "HTTPS_PORT": "9443"})
    assert settings.endpoint.url == f"https://{host}:9443"
    assert host in settings.certs.hosts.authorities()  # nginx answers to it, verified


def test_a_site_is_in_the_leaf() -> None:
    settings = read({**HOME, "HOSTS": "a.localhost", "SITES": "b.localhost=127.0.0.1:1"})
    assert settings.certs.hosts.names == ("localhost", "a.localhost", "b.localhost")


@pytest.mark.parametrize(
    ("env", "echoes"),
    [
        ({}, True),
        ({"APP": "app.main:app"}, False),
        ({"SITES": "b.localhost=127.0.0.1:1"}, True),
        ({"APP": "chat.asgi:app"}, False),
        ({"UPSTREAM": "localhost:3000"}, False),
    ],
)
def test_echo_app_is_what_runs_without_app_and_upstream(env: dict[str, str], echoes: bool) -> None:
    assert read({**HOME, **env}).is_echo_app is echoes


@pytest.mark.parametrize(
    ("env", "reloads"),
    [
        ({}, False),
        ({"RELOAD": "1"}, True),
        ({"APP": "chat.asgi:app"}, True),
        ({"APP": "chat.asgi:app", "RELOAD": "0"}, False),
    ],
)
def test_app_of_the_users_own_reloads(env: dict[str, str], reloads: bool) -> None:
    assert read({**HOME, **env}).app.reload is reloads


def test_requirements_are_looked_for_in_the_apps_folder(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").touch()
    env = {**HOME, "APP_DIR": str(tmp_path), "APP_REQUIREMENTS": "requirements.txt"}
    assert read(env).app_requirements == tmp_path / "requirements.txt"


@pytest.mark.parametrize("name", ["pyproject.toml", "uv.lock", "Pipfile", "environment.yml"])
def test_requirements_of_other_tools_are_said_with_how_to_make_one(
    name: str, tmp_path: Path
) -> None:
    (tmp_path / name).touch()
    env = {**HOME, "APP_DIR": str(tmp_path), "APP_REQUIREMENTS": name}
    with pytest.raises(SettingError, match=f"{name}.*cd {tmp_path} && uv pip compile"):
        read(env)


def test_leaf_is_for_the_address_of_the_network_that_bind_names() -> None:
    hosts = read({**HOME, "BIND": "192.168.1.5"}).certs.hosts
    assert "192.168.1.5" in hosts.sans()


def test_running_stack_can_be_stopped_whatever_the_settings() -> None:
    settings = read_for_stopping({**HOME, "BIND": "nonsense", "STATE_DIR": "/somewhere"})
    assert settings.state_dir == Path("/somewhere")
    assert settings.env["BIND"] == "nonsense"
