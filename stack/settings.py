"""What the stack is told: read and checked once, before anything is started."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import app.settings
import certs.settings
from certs.hosts import ALWAYS_ADDRESSES, Address, HostError
from certs.settings import CHECKOUT, SettingError
from certs.upstreams import Site, Upstream, UpstreamError, parse_sites, parse_upstream

MODES = ("docker", "local")
_ORIGIN = re.compile(
    r"([A-Za-z][A-Za-z0-9+.-]*)://([A-Za-z0-9._-]+|\[[0-9A-Fa-f]*:[0-9A-Fa-f:]+\])"
    r"(:[1-9][0-9]{0,4})?"
)
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}


@dataclass(frozen=True)
class Settings:
    mode: str | None  # one of MODES; None: docker where an engine answers
    bind: Address
    https_port: int
    http_port: int
    allowed_origins: tuple[str, ...]
    upstream: Upstream | None  # instead of the app
    sites: tuple[Site, ...]  # beside it
    app_dir: Path
    app_requirements: Path | None
    nginx: str | None  # the nginx to run without Docker
    state_dir: Path  # logs and records of local mode
    certs: certs.settings.Settings
    app: app.settings.Settings
    env: Mapping[str, str]  # the environment over .env

    @property
    def url(self) -> str:
        return f"https://{self.host}:{self.https_port}"

    @property
    def host(self) -> str:
        """What a URL for this machine has: an address, where localhost leads elsewhere."""
        if self.bind.is_unspecified or self.bind in ALWAYS_ADDRESSES:
            return "localhost"
        return f"[{self.bind}]" if self.bind.version == 6 else str(self.bind)

    @property
    def echoes(self) -> bool:
        """Whether https://localhost is the default app, which echoes at /ws."""
        return self.certs.page.default_app

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
        sites = parse_sites(env.get("SITES", ""))
        upstream = parse_upstream(env["UPSTREAM"]) if env.get("UPSTREAM") else None
    except (HostError, UpstreamError, app.settings.SettingError) as error:
        raise SettingError(str(error)) from None
    app_dir = _app_dir(env)
    mode = env.get("MODE")
    if mode not in (None, *MODES):
        raise SettingError(f"MODE is {mode!r}; one of {', '.join(MODES)}, or unset to choose")
    settings = Settings(
        mode=mode,
        bind=certs.settings.address(env),
        https_port=of_certs.page.https_port,
        http_port=of_certs.page.http_port,
        allowed_origins=_origins(env.get("ALLOWED_ORIGINS", "")),
        upstream=upstream,
        sites=sites,
        app_dir=app_dir,
        app_requirements=_requirements(env, app_dir),
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


def _app_dir(env: Mapping[str, str]) -> Path:
    value = env.get("APP_DIR", "./src")
    # As Compose: it would take a bare name for a volume's.
    if not value.startswith(("/", "./", "../", "~/")) and value not in (".", "..", "~"):
        raise SettingError(f"APP_DIR is {value!r}; write an absolute path, or ./{value}")
    path = (CHECKOUT / Path(value).expanduser()).resolve()
    if "APP_DIR" in env and not path.is_dir():
        raise SettingError(f"APP_DIR is {value!r}: {path} is no folder")
    return path


def _requirements(env: Mapping[str, str], app_dir: Path) -> Path | None:
    value = env.get("APP_REQUIREMENTS")
    if not value:
        return None
    path = app_dir / value
    # From APP_DIR, because Docker's build sees nothing else of yours.
    if Path(value).is_absolute() or ".." in Path(value).parts or not path.is_file():
        raise SettingError(
            f"APP_REQUIREMENTS is {value!r}; name a file in APP_DIR, which is {app_dir}, "
            "such as requirements.txt"
        )
    return path


def _origins(value: str) -> tuple[str, ...]:
    origins = value.replace(",", " ").split()
    for origin in origins:
        if origin.lower() == "null" or origin.lower().startswith("file:"):
            raise SettingError(
                f"ALLOWED_ORIGINS: {origin!r} is no page's own: any file sends null or file://, "
                "and any sandboxed page of the Web null. Serve yours over http, "
                "python3 -m http.server 5173 --bind 127.0.0.1, and name that origin: "
                "ALLOWED_ORIGINS=http://localhost:5173"
            )
        sent = _as_sent(origin)
        if sent is None:
            raise SettingError(
                f"ALLOWED_ORIGINS: {origin!r} is not an origin. Write it as the browser does, "
                "scheme://host or scheme://host:port, for example http://localhost:5173"
            )
        if sent != origin:
            raise SettingError(
                f"ALLOWED_ORIGINS: {origin!r} is never what a browser sends; write {sent}"
            )
    return tuple(origins)


def _as_sent(origin: str) -> str | None:
    """The origin as a browser sends it (RFC 6454, section 6.1): lower case, no default
    port. None for what is none. as_sent in nginx/entrypoint.sh is the same."""
    found = _ORIGIN.fullmatch(origin)
    if not found:
        return None
    scheme, host, port = found.groups(default="")
    # A WebSocket's own is where it leads, not where its page is.
    scheme = {"ws": "http", "wss": "https"}.get(scheme.lower(), scheme.lower())
    if scheme not in _DEFAULT_PORTS:
        return f"{scheme}://{host}{port}"  # the rest is the program's own to read
    return f"{scheme}://{host.lower()}" + ("" if port == _DEFAULT_PORTS[scheme] else port)
