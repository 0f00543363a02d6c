"""The values for nginx's templates, from settings that are read and checked once.

Local mode fills the templates itself. In Docker, the certs process writes the values beside
the leaf, together with the raw settings that they were made from. nginx's entrypoint waits for
values whose raw settings are its own, so sh needs no reader of settings.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from pathlib import Path

from certs import ca_home, files, leaf_dir, own_leaf
from certs.errors import SettingError
from certs.files import Owner
from certs.own_certificate import OwnCertificate
from certs.permitted import Permitted
from certs.settings import Settings
from certs.upstreams import Upstream

FILE = "nginx-values.sh"
# The settings that nginx's container has; nginx/entrypoint.sh lists them in this order.
RAW = (
    "BIND",
    "HTTPS_PORT",
    "HTTP_PORT",
    "ALLOWED_ORIGINS",
    "APP",
    "UPSTREAM",
    "SITES",
    "CONSOLE",
    "MAX_CONNECTIONS",
    "MAX_CONNECTIONS_PER_ADDRESS",
    "HANDSHAKES_PER_SECOND",
    "CERT",
    "KEY",
    "PUBLIC",
    "METRICS_PORT",
)
# The socket of the metrics process, in a volume that nginx has too.
_METRICS_LOG = "/run/metrics/nginx.sock"


def common(
    settings: Settings, app: str, server: dict[Upstream, str], metrics_log: str
) -> dict[str, str]:
    """The values that both modes have in common.

    app: where nginx passes requests if UPSTREAM is unset. server: the text after `server` in
        nginx's upstream block, for each upstream. metrics_log: the Unix socket of the metrics
        process.
    """
    sites = settings.sites
    upstream, endpoint = settings.upstream, settings.endpoint
    return {
        "ALLOWED_ORIGINS": " ".join(settings.allowed_origins),
        "CONSOLE": "on" if settings.console else "off",
        "HANDSHAKES_IN_A_BURST": str(5 * settings.limits.handshakes),
        "HANDSHAKES_PER_SECOND": str(settings.limits.handshakes),
        "MAX_CONNECTIONS": str(settings.limits.connections),
        "MAX_CONNECTIONS_PER_ADDRESS": str(settings.limits.per_address),
        "METRICS_LOG": (
            f"access_log syslog:server=unix:{metrics_log},nohostname,tag=wss metrics;"
            if settings.metrics_port
            else ""
        ),
        "LEAF_MAP": _leaf_map(settings),
        "LEAF_WITHOUT_SNI": own_leaf.OWN if settings.public else leaf_dir.LEAF,
        "PUBLIC": "on" if settings.public else "off",
        "TLS_SESSION_CACHE": "shared:tls:10m" if settings.public else "off",
        "WORKER_CONNECTIONS": str(settings.limits.worker_connections),
        "WORKER_FILES": str(settings.limits.worker_files),
        "IS_ECHO_APP": "yes" if settings.is_echo_app else "no",
        "HTTPS_PORT": str(endpoint.https_port),
        # Origins, and sources in a Content-Security-Policy, leave out the default port.
        "HTTPS_PORT_IN_ORIGIN": _in_origin(endpoint.https_port, 443),
        "HTTP_PORT_IN_ORIGIN": _in_origin(endpoint.http_port, 80),
        "SITE_MAP": "".join(f'"{site.host}" site{n};' for n, site in enumerate(sites)),
        "SITE_NAMES": "".join(
            f'site{n} "SITES {site.host}={site.upstream}";' for n, site in enumerate(sites)
        ),
        "SITE_UPSTREAMS": "".join(
            f"upstream site{n} {{ zone site{n} 64k; server {server[site.upstream]}; "
            "include snippets/upstream.conf; }\n"
            for n, site in enumerate(sites)
        ),
        "UPSTREAM_NAME": f"UPSTREAM {upstream}" if upstream else "the app",
        "UPSTREAM_SERVER": server[upstream] if upstream else app,
    }


def own_names_in_map(own: OwnCertificate | None, permitted: Permitted) -> set[str]:
    """The names of CERT that nginx must know when it starts: those under a domain that the
    authority may sign. It serves CERT for every other name."""
    names = own.names if own else ()
    return {name for name in names if permitted.allows_name(name.removeprefix("*."))}


def _leaf_map(settings: Settings) -> str:
    """The lines of nginx's map from a name that a client sends to the file that it gets."""
    if settings.own is None:
        return f"default {leaf_dir.LEAF_NAMES};"
    authority = ca_home.usable(settings)
    permitted = authority.permitted if authority else settings.permit
    own, _ = own_leaf.look(settings)
    lines = []
    for name in sorted(own_names_in_map(own, permitted)):
        # A wildcard is for one label (RFC 9525, section 6.3); `hostnames` would take more.
        star = name.startswith("*.")
        key = f"~*^[^.]+{re.escape(name[1:])}$" if star else name
        lines.append(f'"{key}" {own_leaf.OWN};')
    for domain in permitted.names:
        lines.append(f'"~*(^|[.]){re.escape(domain)}$" {leaf_dir.LEAF_NAMES};')
    return " ".join([*lines, f"default {own_leaf.OWN};"])


def upstreams(settings: Settings) -> list[tuple[str, Upstream]]:
    """Every upstream, with the name of its setting."""
    named = [("UPSTREAM", settings.upstream)] if settings.upstream else []
    return [*named, *(("SITES", site.upstream) for site in settings.sites)]


def in_docker(settings: Settings) -> dict[str, str]:
    """The values for nginx's container. Raises SettingError for an upstream that nginx cannot
    reach from there, and for a port that is still `auto`."""
    for name in settings.endpoint.auto:
        raise SettingError(
            f"{name} is 'auto', but only `make up` can look for a free port. For docker compose, "
            f"name one: {name}={settings.endpoint.port(name) + 1} docker compose up -d --wait"
        )
    server = {}
    for name, upstream in upstreams(settings):
        if upstream.loopback:
            raise SettingError(
                f"{name}: in Docker, {upstream} is nginx's own container. For a server on this "
                f"machine that listens beyond the loopback, write {name} with "
                f"host.docker.internal:{upstream.port}. For a server on the loopback alone, run "
                "without Docker: MODE=local make up"
            )
        # A name without a dot is a Compose service, which nginx looks up in DNS again and again
        # (`resolve`), as it does a Kubernetes Service's. Other names may be in /etc/hosts alone,
        # where `resolve` does not look.
        is_service = (
            "." not in upstream.host and ":" not in upstream.host
        ) or upstream.host.endswith(".svc.cluster.local")
        server[upstream] = f"{upstream} resolve" if is_service else str(upstream)
    return common(settings, "app:8000 resolve", server, _METRICS_LOG)


def as_shell(env: Mapping[str, str], values: Mapping[str, str], refused: str = "") -> str:
    """The file for nginx/entrypoint.sh, as shell assignments.

    env: the raw settings. refused: the reason if there are no values for them.
    """
    raw = "\n".join(f"{name}={env.get(name, '')}" for name in RAW)
    told = {"CHECKED": raw, "REFUSED": refused, **values}
    return "".join(f"{name}={shlex.quote(value)}\n" for name, value in told.items())


def write(env: Mapping[str, str], settings: Settings) -> None:
    """Writes the values beside the leaf. Raises SettingError."""
    _write(settings.leaf_dir, settings.leaf_owner, as_shell(env, in_docker(settings)))


def refuse(env: Mapping[str, str], leaf_dir: Path, owner: Owner | None, why: str) -> None:
    """Tells nginx's entrypoint why the settings are refused, so that nginx does not start."""
    _write(leaf_dir, owner, as_shell(env, {}, refused=why))


def _write(leaf_dir: Path, owner: Owner | None, text: str) -> None:
    # Bytes of a setting that are no UTF-8 are the same bytes in the shell.
    path, data = leaf_dir / FILE, text.encode(errors="surrogateescape")
    files.make_folder(leaf_dir, 0o700, owner)
    if not path.exists() or path.read_bytes() != data:
        files.write(path, data, files.PUBLIC, owner)


def _in_origin(port: int, default: int) -> str:
    return "" if port == default else f":{port}"
