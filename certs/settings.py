"""What the certs process is told: read once, from the environment or .env."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dotenv import dotenv_values

from certs import lan
from certs.files import Owner
from certs.hosts import Address, Hosts, Permitted, parse, parse_permit
from certs.upstreams import UpstreamError, parse_sites

CHECKOUT = Path(__file__).resolve().parent.parent


# Every setting there is: what may stand in .env, and is looked at there.
SETTINGS = (
    *("HOSTS", "HTTPS_PORT", "HTTP_PORT", "BIND", "APP", "APP_DIR", "APP_REQUIREMENTS"),
    *("RELOAD", "UPSTREAM", "SITES", "ALLOWED_ORIGINS", "CA_HOME", "PERMIT", "MODE"),
    *("NGINX", "LOG_LEVEL", "WS_MAX_SIZE"),
)
# What app/settings.py has: the images of certs and app hold no file of each other's.
DEFAULT_APP = "app.main:app"


class SettingError(ValueError):
    """A setting with a value that cannot be used. The text names both."""


@dataclass(frozen=True)
class PageSettings:
    """What the trust page says of the stack."""

    https_port: int = 8443
    http_port: int = 8080
    bind: str = "127.0.0.1"
    default_app: bool = True  # so /ws echoes


@dataclass(frozen=True)
class Settings:
    hosts: Hosts
    permit: Permitted  # for an authority that is yet to be made
    ca_home: Path
    leaf_dir: Path
    ca_owner: Owner | None = None
    leaf_owner: Owner | None = None
    page: PageSettings = PageSettings()


def environment(checkout: Path = CHECKOUT, *, strict: bool = True) -> dict[str, str]:
    """The environment over the checkout's .env, as Compose has it.

    An empty value counts as unset, as in Compose's ${NAME:-default}. Raises
    SettingError for a `$` in a setting of ours: Compose would interpolate it,
    others not; and for a file that is not UTF-8. Neither where strict is off.
    """
    file = checkout / ".env"
    merged: dict[str, str | None] = {}
    if file.is_file():
        try:
            merged.update(dotenv_values(file, interpolate=False))
        except UnicodeDecodeError as error:
            if strict:
                raise SettingError(
                    f".env is not UTF-8: {error.reason} at byte {error.start}"
                ) from None
        for name in SETTINGS:
            if strict and "$" in (merged.get(name) or ""):
                # Not the value: .env is where people keep secrets.
                raise SettingError(f".env: {name} has a $ in it; write plain values there")
    return {name: value for name, value in {**merged, **os.environ}.items() if value}


def ca_home(env: Mapping[str, str], checkout: Path = CHECKOUT) -> Path:
    """Where the authority is: CA_HOME, else wss-stack in the user's data folder.

    The same rule as in docker-compose.yml. Raises SettingError.
    """
    value = env.get("CA_HOME")
    if value is None:
        data = env.get("XDG_DATA_HOME")
        return (Path(data) if data else _home(env) / ".local" / "share") / "wss-stack"
    if value.startswith("/"):
        return Path(value)
    if value == "~" or value.startswith("~/"):
        return _home(env) / value[2:]
    if value in (".", "..") or value.startswith(("./", "../")):
        return (checkout / value).resolve()
    raise SettingError(
        f"CA_HOME is {value!r}, which Compose would take for a volume's name; "
        f"write an absolute path, or ./{value}"
    )


def read(env: Mapping[str, str]) -> Settings:
    """Raises HostError or SettingError."""
    source = env.get("CA_OWNER_OF")
    leaf_uid = env.get("LEAF_UID")
    bind = address(env)
    try:
        sites = [site.host for site in parse_sites(env.get("SITES", ""))]
    except UpstreamError as error:
        raise SettingError(str(error)) from None
    return Settings(
        hosts=parse(" ".join([env.get("HOSTS", ""), *sites, *lan.hosts(bind)])),
        permit=parse_permit(env.get("PERMIT", "")),
        ca_home=ca_home(env),
        leaf_dir=Path(env.get("LEAF_DIR", CHECKOUT / "certs" / "out")),
        ca_owner=_owner_of(Path(source)) if source else None,
        leaf_owner=Owner(int(leaf_uid), int(leaf_uid)) if leaf_uid else None,
        page=PageSettings(
            https_port=port(env, "HTTPS_PORT", "8443"),
            http_port=port(env, "HTTP_PORT", "8080"),
            bind=str(bind),
            default_app=not env.get("UPSTREAM") and env.get("APP", DEFAULT_APP) == DEFAULT_APP,
        ),
    )


def address(env: Mapping[str, str]) -> Address:
    """BIND. Raises SettingError."""
    value = env.get("BIND", "127.0.0.1")
    try:
        return ipaddress.ip_address(value.strip("[]"))
    except ValueError:
        raise SettingError(
            f"BIND is {value!r}; write an address of this machine, such as 127.0.0.1, ::1, "
            "or 0.0.0.0 to let others in"
        ) from None


def port(env: Mapping[str, str], name: str, default: str) -> int:
    """Raises SettingError."""
    value = env.get(name, default)
    if not (value.isascii() and value.isdigit() and 0 < int(value) < 65536):
        raise SettingError(f"{name} is {value!r}; write a port from 1 to 65535")
    return int(value)


def _home(env: Mapping[str, str]) -> Path:
    if "HOME" not in env:
        raise SettingError("neither CA_HOME nor HOME is set; set CA_HOME to an absolute path")
    return Path(env["HOME"])


def _owner_of(path: Path) -> Owner:
    status = path.stat()
    return Owner(status.st_uid, status.st_gid)
