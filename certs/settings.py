"""The settings of the certs process, read once from the environment and .env."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from certs import endpoint, lan, limits, origins, own_files
from certs.dotenv import CHECKOUT
from certs.endpoint import PORTS, Endpoint
from certs.errors import SettingError
from certs.files import Owner
from certs.hosts import Hosts, parse
from certs.limits import Limits
from certs.names import parse_number
from certs.own_files import OwnFiles
from certs.permitted import Permitted, parse_permit
from certs.upstreams import Site, Upstream, parse_sites, parse_upstream

ROOT = "root.pem"


@dataclass(frozen=True)
class Settings:
    hosts: Hosts
    permit: Permitted  # for the next authority
    ca_home: Path
    leaf_dir: Path
    ca_owner: Owner | None = None
    leaf_owner: Owner | None = None
    endpoint: Endpoint = field(default_factory=Endpoint)
    is_echo_app: bool = True  # whether the project's own echo answers, at /ws
    upstream: Upstream | None = None  # instead of the app
    sites: tuple[Site, ...] = ()  # besides the app or upstream
    allowed_origins: tuple[str, ...] = ()  # besides the same origin
    console: bool = True  # whether nginx serves it
    limits: Limits = field(default_factory=Limits)
    metrics_port: int | None = None  # on 127.0.0.1 alone; None: no figures
    own: OwnFiles | None = None  # a certificate besides the minted leaf
    public: bool = False  # whether its names are public

    def minted_hosts(self, permitted: Permitted) -> Hosts:
        """The hosts of the minted leaf: with CERT, those that the authority may sign."""
        return self.hosts.within(permitted) if self.own else self.hosts

    @property
    def root(self) -> Path:
        """The root's certificate, for clients."""
        return self.ca_home / ROOT


def ca_home(env: Mapping[str, str], checkout: Path = CHECKOUT) -> Path:
    """The authority's folder: CA_HOME, else wss-stack in the user's data folder.

    docker-compose.yml has the same rule. Raises SettingError.
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
    """Raises SettingError."""
    source = env.get("CA_OWNER_OF")
    leaf_dir, leaf_owner = leaf_folder(env)
    listening = endpoint.read(env)
    sites = parse_sites(env.get("SITES", ""))
    own = own_files.parse(env)
    names = [site.host for site in sites]
    return Settings(
        hosts=parse(" ".join([env.get("HOSTS", ""), *names, *lan.hosts(listening.bind)])),
        permit=parse_permit(env.get("PERMIT", "")),
        ca_home=_no_file(ca_home(env)),
        leaf_dir=leaf_dir,
        ca_owner=_owner_of(Path(source)) if source else None,
        leaf_owner=leaf_owner,
        endpoint=listening,
        is_echo_app=not env.get("UPSTREAM") and not env.get("APP"),
        upstream=parse_upstream(env["UPSTREAM"]) if env.get("UPSTREAM") else None,
        sites=sites,
        allowed_origins=origins.parse(env.get("ALLOWED_ORIGINS", "")),
        console=_switch(env, "CONSOLE"),
        limits=limits.read(env),
        metrics_port=_metrics_port(env, listening),
        own=own,
        public=_public(env, own),
    )


def leaf_folder(env: Mapping[str, str]) -> tuple[Path, Owner | None]:
    """The leaf's folder and its owner, which can be read even if other settings are wrong."""
    uid = env.get("LEAF_UID")
    return Path(env.get("LEAF_DIR", CHECKOUT / "certs" / "out")), (
        Owner(int(uid), int(uid)) if uid else None
    )


def _public(env: Mapping[str, str], own: OwnFiles | None) -> bool:
    public = _switch(env, "PUBLIC", "0")
    if public and own is None:
        raise SettingError(
            "PUBLIC is 1, and CERT is not set: no public client accepts the minted certificate. "
            "Name yours, CERT=/path/fullchain.pem and KEY=/path/privkey.pem, or unset PUBLIC"
        )
    return public


def _metrics_port(env: Mapping[str, str], listening: Endpoint) -> int | None:
    value = env.get("METRICS_PORT")
    if not value:
        return None
    port = parse_number(value, 65535)
    if port is None:
        raise SettingError(f"METRICS_PORT is {value!r}; write a port from 1 to 65535, such as 9090")
    for name in PORTS:
        if port == listening.port(name) and name not in listening.auto:
            raise SettingError(
                f"METRICS_PORT and {name} are both {port}; change one, such as "
                f"METRICS_PORT={port + 1}"
            )
    return port


def _switch(env: Mapping[str, str], name: str, default: str = "1") -> bool:
    value = env.get(name) or default
    if value not in ("0", "1"):
        raise SettingError(f"{name} is {value!r}; write 1 for on or 0 for off")
    return value == "1"


def _home(env: Mapping[str, str]) -> Path:
    if "HOME" not in env:
        raise SettingError("neither CA_HOME nor HOME is set; set CA_HOME to an absolute path")
    return Path(env["HOME"])


def _no_file(home: Path) -> Path:
    """Raises SettingError."""
    try:
        for path in (home, *home.parents):
            if path.is_file():
                which = "which" if path == home else f"and {path}"
                raise SettingError(
                    f"CA_HOME is {home}, {which} is a file; name a folder: "
                    "CA_HOME=/absolute/path make certs"
                )
    except PermissionError:
        pass  # certs.mint says what would help
    except OSError as error:
        raise SettingError(
            f"CA_HOME is {home}, which cannot be looked at ({error.strerror}); name a folder: "
            "CA_HOME=/absolute/path make certs"
        ) from None
    return home


def _owner_of(path: Path) -> Owner:
    status = path.stat()
    return Owner(status.st_uid, status.st_gid)
