"""What nginx's templates are filled with, from settings that are read and checked once.

Local mode fills them itself. In Docker the certs process writes the values beside the leaf,
with the raw settings that they are for, and nginx's entrypoint waits for those of its own:
so a container that has other settings never takes them, and no second reader in sh exists.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path

from certs import files
from certs.errors import SettingError
from certs.files import Owner
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
)


def common(settings: Settings, app: str, server: dict[Upstream, str]) -> dict[str, str]:
    """What both modes have.

    app: what nginx passes requests to where no UPSTREAM is. server: what stands behind
        `server` for each upstream.
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
        "IS_ECHO_APP": "yes" if settings.is_echo_app else "no",
        "HTTPS_PORT": str(endpoint.https_port),
        # An origin, and a source in a policy, leaves the scheme's own port out.
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


def upstreams(settings: Settings) -> list[tuple[str, Upstream]]:
    """Every upstream, with the name of its setting."""
    named = [("UPSTREAM", settings.upstream)] if settings.upstream else []
    return [*named, *(("SITES", site.upstream) for site in settings.sites)]


def in_docker(settings: Settings) -> dict[str, str]:
    """Raises SettingError for an upstream that nginx, in its container, cannot reach, and
    for a port that nobody has chosen."""
    for name in settings.endpoint.auto:
        raise SettingError(
            f"{name} is 'auto', and `make up` alone can look for a free port; for docker compose "
            f"name one: {name}={settings.endpoint.port(name) + 1} docker compose up -d --wait"
        )
    server = {}
    for name, upstream in upstreams(settings):
        if upstream.loopback:
            raise SettingError(
                f"{name}: in Docker, {upstream} is nginx's own container. For a server on "
                f"this machine that listens on more than its loopback: {name} with "
                f"host.docker.internal:{upstream.port}. For one on the loopback, run without "
                "Docker: MODE=local make up"
            )
        # A name without a dot is a Compose service's: followed in DNS while nginx runs.
        # Others may stand in /etc/hosts alone, where `resolve` does not look.
        is_service = "." not in upstream.host and ":" not in upstream.host
        server[upstream] = f"{upstream} resolve" if is_service else str(upstream)
    return common(settings, "app:8000 resolve", server)


def as_shell(env: Mapping[str, str], values: Mapping[str, str], refused: str = "") -> str:
    """The file for nginx/entrypoint.sh: assignments.

    env: the settings as they came. refused: why there are no values for them.
    """
    raw = "\n".join(f"{name}={env.get(name, '')}" for name in RAW)
    told = {"CHECKED": raw, "REFUSED": refused, **values}
    return "".join(f"{name}={shlex.quote(value)}\n" for name, value in told.items())


def write(env: Mapping[str, str], settings: Settings) -> None:
    """Writes the values beside the leaf. Raises SettingError."""
    _write(settings.leaf_dir, settings.leaf_owner, as_shell(env, in_docker(settings)))


def refuse(env: Mapping[str, str], leaf_dir: Path, owner: Owner | None, why: str) -> None:
    """Tells nginx that its settings are refused, and why: it must not listen then."""
    _write(leaf_dir, owner, as_shell(env, {}, refused=why))


def _write(leaf_dir: Path, owner: Owner | None, text: str) -> None:
    path, data = leaf_dir / FILE, text.encode()
    files.make_folder(leaf_dir, 0o700, owner)
    if not path.exists() or path.read_bytes() != data:
        files.write(path, data, files.PUBLIC, owner)


def _in_origin(port: int, default: int) -> str:
    return "" if port == default else f":{port}"
