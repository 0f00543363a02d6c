"""Fills nginx's templates without Docker; nginx/entrypoint.sh does it in Docker."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from pathlib import Path

from certs.dotenv import CHECKOUT
from stack.settings import Settings

SOURCE = CHECKOUT / "nginx"
_VARIABLE = re.compile(r"\$\{([A-Z][A-Z0-9_]*)\}")


def variables(
    settings: Settings, app_socket: Path, health_socket: Path, *, http2: bool
) -> dict[str, str]:
    host = (
        f"[{settings.endpoint.bind}]"
        if settings.endpoint.bind.version == 6
        else str(settings.endpoint.bind)
    )
    # `::` is for both families, as everywhere else; nginx alone takes it for one.
    both = " ipv6only=off" if str(settings.endpoint.bind) == "::" else ""
    sites = settings.sites
    return {
        "ALLOWED_ORIGINS": " ".join(settings.allowed_origins),
        "ECHOES": "yes" if settings.is_echo_app else "no",
        "HEALTH_SOCKET": str(health_socket),
        "HTTPS_PORT": str(settings.endpoint.https_port),
        # An origin, and a source in a policy, leaves the scheme's own port out.
        "HTTPS_PORT_IN_ORIGIN": _in_origin(settings.endpoint.https_port, 443),
        "HTTP_PORT_IN_ORIGIN": _in_origin(settings.endpoint.http_port, 80),
        "CONSOLE": "on" if settings.console else "off",
        "CONSOLE_FOLDER": str(CHECKOUT / "console"),
        "HTTP2": "on" if http2 else "off",
        "LEAF_DIR": str(settings.certs.leaf_dir),
        "LISTEN_HTTP": f"{host}:{settings.endpoint.http_port}{both}",
        "LISTEN_HTTPS": f"{host}:{settings.endpoint.https_port}{both}",
        # Needed by the directive, asked by nobody: the socket has no name.
        "RESOLVER": "127.0.0.1",
        "SITE_MAP": "".join(f'"{site.host}" site{n};' for n, site in enumerate(sites)),
        "SITE_NAMES": "".join(
            f'site{n} "SITES {site.host}={site.upstream}";' for n, site in enumerate(sites)
        ),
        "SITE_UPSTREAMS": "".join(
            f"upstream site{n} {{ zone site{n} 64k; server {site.upstream}; "
            "include snippets/upstream.conf; }\n"
            for n, site in enumerate(sites)
        ),
        "UPSTREAM_NAME": f"UPSTREAM {settings.upstream}" if settings.upstream else "the app",
        "UPSTREAM_SERVER": str(settings.upstream or f"unix:{app_socket}"),
    }


def _in_origin(port: int, default: int) -> str:
    return "" if port == default else f":{port}"


def fill(template: str, values: Mapping[str, str]) -> str:
    """Puts values in for `${NAME}`; nginx's own `$name` is left alone.

    Raises KeyError for a name that values lacks.
    """
    return _VARIABLE.sub(lambda match: values[match[1]], template)


def render(values: Mapping[str, str], to: Path) -> None:
    """Writes a whole configuration folder; nothing of an earlier one stays."""
    shutil.rmtree(to, ignore_errors=True)
    (to / "conf.d").mkdir(parents=True)
    shutil.copy(SOURCE / "nginx.conf", to)
    shutil.copytree(SOURCE / "snippets", to / "snippets")
    for template in (SOURCE / "templates").glob("*.template"):
        (to / "conf.d" / template.stem).write_text(fill(template.read_text(), values))
