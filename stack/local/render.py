"""Fills nginx's templates without Docker. In Docker, nginx/entrypoint.sh does."""

from __future__ import annotations

import re
import resource
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from certs import nginx_values
from certs.dotenv import CHECKOUT
from stack import nginx_versions
from stack.local import loopback
from stack.settings import Settings

SOURCE = CHECKOUT / "nginx"
_VARIABLE = re.compile(r"\$\{([A-Z][A-Z0-9_]*)\}")


def links(settings: Settings) -> dict[str, Path]:
    """Links beside the sockets, so that the configuration needs no other path."""
    return {
        # If ACME_WEBROOT is unset: a folder without challenges, as in docker-compose.yml.
        "acme": settings.acme_webroot or SOURCE,
        "console": CHECKOUT / "console",
        "leaf": settings.certs.leaf_dir.resolve(),
    }


def variables(
    settings: Settings, sockets: Path, *, http2: bool, tls_groups: str = nginx_versions.GROUPS
) -> dict[str, str]:
    """sockets: the folder of stack.local.sockets, with the links in it."""
    host = settings.endpoint.bind_before_port
    # `::` means both families here, but for nginx alone it means IPv6.
    both = " ipv6only=off" if str(settings.endpoint.bind) == "::" else ""
    upstreams = nginx_values.upstreams(settings.certs)
    server = {upstream: loopback.server(upstream) for _, upstream in upstreams}
    return {
        **nginx_values.common(
            settings.certs, f"unix:{sockets / 'app.sock'}", server, f"{sockets / 'metrics.sock'}"
        ),
        "ACME_FOLDER": str(sockets / "acme"),
        "WORKER_FILES": str(min(settings.certs.limits.worker_files, allowed_files())),
        "CONSOLE_FOLDER": str(sockets / "console"),
        "HEALTH_SOCKET": str(sockets / "health.sock"),
        "HTTP2": "on" if http2 else "off",
        "LEAF_DIR": str(sockets / "leaf"),
        "LISTEN_HTTP": f"{host}:{settings.endpoint.http_port}{both}",
        "LISTEN_HTTPS": f"{host}:{settings.endpoint.https_port}{both}",
        # The directive needs an address, which nginx never asks: a socket has no name.
        "RESOLVER": "127.0.0.1",
        "TLS_GROUPS": tls_groups,
    }


def allowed_files() -> int:
    """How many files this user's processes may open at most. nginx may not ask for more: its
    workers would keep the limit of the shell, often 1024."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return sys.maxsize if hard == resource.RLIM_INFINITY else hard


def fill(template: str, values: Mapping[str, str]) -> str:
    """Puts values in for `${NAME}`; nginx's own `$name` is left alone.

    Raises KeyError for a name that values lacks.
    """
    return _VARIABLE.sub(lambda match: values[match[1]], template)


def render(values: Mapping[str, str], to: Path) -> None:
    """Writes a complete configuration folder, and deletes an old one."""
    shutil.rmtree(to, ignore_errors=True)
    (to / "conf.d").mkdir(parents=True)
    shutil.copy(SOURCE / "nginx.conf", to)
    shutil.copytree(SOURCE / "snippets", to / "snippets")
    for template in (SOURCE / "templates").glob("*.template"):
        (to / "conf.d" / template.stem).write_text(fill(template.read_text(), values))
