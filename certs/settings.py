"""What the certs process is told: read once, from the environment or .env."""

from __future__ import annotations

import contextlib
import io
import ipaddress
import os
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from dotenv.parser import Binding, parse_stream

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


def environment(
    checkout: Path = CHECKOUT, *, warn: Callable[[str], None] | None = None
) -> dict[str, str]:
    """The environment over the checkout's .env, as Compose has it.

    An empty value counts as unset, as in Compose's ${NAME:-default}. Raises
    SettingError for a file that cannot be read, a line that is no NAME=value, and
    a `$` in a setting of ours: Compose would interpolate it, others not.
    warn: told instead, and what can be read of the file counts.
    """
    values, wrong = _dotenv(checkout / ".env")
    if wrong and warn is None:
        raise SettingError(wrong)
    if wrong and warn:
        warn(wrong)
    return {name: value for name, value in {**values, **os.environ}.items() if value}


def _dotenv(file: Path) -> tuple[dict[str, str | None], str | None]:
    """What it sets, and the first thing that is wrong with it."""
    if not file.is_file():
        return {}, None
    try:
        text = file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        at = f"{error.reason} at byte {error.start}"
        return {}, f".env is not UTF-8 ({at}); save it as UTF-8: {file}"
    except OSError as error:
        path = shlex.quote(str(file))
        ours = file.stat().st_uid == os.geteuid()
        mend = f"chmod u+rw {path}" if ours else f'sudo chown "$(id -u):$(id -g)" {path}'
        return {}, f".env cannot be read ({error.strerror}): {mend}"
    if "\0" in text:  # UTF-16 without its mark; no environment can have it
        return {}, f".env is not UTF-8 (it has NUL bytes); save it as UTF-8: {file}"
    bindings = list(parse_stream(io.StringIO(text)))
    values = {binding.key: binding.value for binding in bindings if binding.key}
    wrong = [_unreadable(binding, file) for binding in bindings if binding.error]
    # Not the value: .env is where people keep secrets.
    wrong += [
        f".env: {name} has a $ in it; write plain values there"
        for name in SETTINGS
        if "$" in (values.get(name) or "")
    ]
    return values, wrong[0] if wrong else None


def _unreadable(binding: Binding, file: Path) -> str:
    text = binding.original.string
    line = binding.original.line + text[: -len(text.lstrip())].count("\n")
    name, equals, value = text.strip().splitlines()[0].partition("=")
    shown = f"{name}=..." if equals else name
    what = "has a quote that is not closed" if value[:1] in ("'", '"') else "is not NAME=value"
    return f".env line {line}: {shown!r} {what}; mend that line, or put a # before it: {file}"


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
        ca_home=_no_file(ca_home(env)),
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


def _no_file(home: Path) -> Path:
    """Raises SettingError."""
    with contextlib.suppress(PermissionError):  # certs.mint says what would help
        for path in (home, *home.parents):
            if path.is_file():
                which = "which" if path == home else f"and {path}"
                raise SettingError(
                    f"CA_HOME is {home}, {which} is a file; name a folder: "
                    "CA_HOME=/absolute/path make certs"
                )
    return home


def _owner_of(path: Path) -> Owner:
    status = path.stat()
    return Owner(status.st_uid, status.st_gid)
