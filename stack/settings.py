"""What the stack is told: read and checked once, before anything is started."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import app.settings
import certs.settings
from certs.hosts import HostError
from certs.settings import CHECKOUT, SettingError

MODES = ("docker", "local")
# scheme://host[:port], lower case, as a browser writes it (RFC 6454, section 6.1).
_ORIGIN = re.compile(r"https?://[A-Za-z0-9._-]+(:[0-9]{1,5})?")


@dataclass(frozen=True)
class Settings:
    mode: str | None  # one of MODES; None: docker where an engine answers
    bind: ipaddress.IPv4Address | ipaddress.IPv6Address
    https_port: int
    http_port: int
    allowed_origins: tuple[str, ...]
    nginx: str | None  # the nginx to run without Docker
    state_dir: Path  # logs and records of local mode
    certs: certs.settings.Settings
    app: app.settings.Settings
    env: Mapping[str, str]  # the environment over .env

    @property
    def url(self) -> str:
        return f"https://localhost:{self.https_port}"

    @property
    def connect_to(self) -> tuple[str, int]:
        """The address to reach nginx at from this machine."""
        if not self.bind.is_unspecified:
            return str(self.bind), self.https_port
        return ("127.0.0.1" if self.bind.version == 4 else "::1"), self.https_port


def read(env: Mapping[str, str]) -> Settings:
    """Raises SettingError for any setting of the three processes."""
    try:
        of_certs, of_app = certs.settings.read(env), app.settings.read(env)
    except (HostError, app.settings.SettingError) as error:
        raise SettingError(str(error)) from None
    mode = env.get("MODE")
    if mode not in (None, *MODES):
        raise SettingError(f"MODE is {mode!r}; one of {', '.join(MODES)}, or unset to choose")
    settings = Settings(
        mode=mode,
        bind=_bind(env.get("BIND", "127.0.0.1")),
        https_port=_port("HTTPS_PORT", env.get("HTTPS_PORT", "8443")),
        http_port=_port("HTTP_PORT", env.get("HTTP_PORT", "8080")),
        allowed_origins=_origins(env.get("ALLOWED_ORIGINS", "")),
        nginx=env.get("NGINX"),
        state_dir=Path(env.get("STATE_DIR", CHECKOUT / ".run")),
        certs=of_certs,
        app=of_app,
        env=dict(env),
    )
    if settings.https_port == settings.http_port:
        raise SettingError(
            f"HTTPS_PORT and HTTP_PORT are both {settings.https_port}; change one, such as "
            f"HTTP_PORT={settings.http_port + 1}"
        )
    return settings


def read_for_stopping(env: Mapping[str, str]) -> Settings:
    """As read, but a wrong value is no reason: what runs can be stopped anyway."""
    try:
        return read(env)
    except SettingError:
        needed = ("HOME", "XDG_DATA_HOME", "STATE_DIR")
        return replace(read({name: env[name] for name in needed if name in env}), env=dict(env))


def _bind(value: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    try:
        return ipaddress.ip_address(value.strip("[]"))
    except ValueError:
        raise SettingError(
            f"BIND is {value!r}; write an address of this machine, such as 127.0.0.1, ::1, "
            "or 0.0.0.0 to let others in"
        ) from None


def _port(name: str, value: str) -> int:
    if not (value.isascii() and value.isdigit() and 0 < int(value) < 65536):
        raise SettingError(f"{name} is {value!r}; write a port from 1 to 65535")
    return int(value)


def _origins(value: str) -> tuple[str, ...]:
    origins = value.replace(",", " ").split()
    for origin in origins:
        if not _ORIGIN.fullmatch(origin):
            raise SettingError(
                f"ALLOWED_ORIGINS: {origin!r} is not an origin. Write it as the browser does, "
                "scheme://host or scheme://host:port, for example http://localhost:5173"
            )
    return tuple(origins)
