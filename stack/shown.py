"""What `up` and `status` show: the URLs, the processes, and for programs all of it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from certs.endpoint import PORTS
from stack.base import Service
from stack.settings import Settings

if TYPE_CHECKING:
    from stack import own_served


def print_places(settings: Settings) -> None:
    """Prints places(), a line each."""
    for what, where in places(settings):
        print(f"{what:<7} {where}")


def places(settings: Settings) -> list[tuple[str, str]]:
    """The rows that tell people which URL is for what."""
    if settings.is_echo_app:
        first = [("echo", f"{_wss(settings.endpoint.url)}/ws")]
    else:
        behind = settings.upstream or settings.app.app
        first = [("app", f"{settings.endpoint.url}/ ({behind})")]
    port = settings.endpoint.https_port
    sites = [("site", f"https://{s.host}:{port}/ ({s.upstream})") for s in settings.sites]
    page = f"http://{settings.endpoint.host}:{settings.endpoint.http_port}/"
    outside = settings.endpoint.trust_page(settings.certs.hosts)
    others = [("", f"{outside} (for other devices)")] if outside not in (None, page) else []
    console = [("console", settings.console_url)] if settings.console_url else []
    metrics_port = settings.certs.metrics_port
    metrics = [("metrics", f"http://127.0.0.1:{metrics_port}/metrics")] if metrics_port else []
    return [
        *first,
        *sites,
        *console,
        ("trust", f"{page} (for browsers that refuse)"),
        *others,
        *metrics,
        ("root", str(settings.certs.root)),
    ]


def _wss(url: str) -> str:
    return url.replace("https", "wss", 1)


def certificate(settings: Settings) -> own_served.Row | None:
    """The row of CERT; None without it."""
    if settings.certs.own is None:
        return None
    from stack import own_served  # here, because it imports cryptography

    return own_served.look(settings.certs)


def print_processes(found: Sequence[tuple[str, Service]], own: own_served.Row | None) -> None:
    """Prints a table; own: the row of CERT."""
    # Here, because the other commands print no table.
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table("mode", "process", "state", box=None, pad_edge=False)
    for mode, service in found:
        colour = "green" if service.ok else "yellow" if service.starting else "red"
        table.add_row(mode, service.name, Text(service.state, colour))
    if own:
        table.add_row("", "CERT", Text(own.text, "red" if own.ok is False else "green"))
    # Outside a terminal a program may read the rows: none is broken into two lines.
    width = None if sys.stdout.isatty() else 1000
    Console(emoji=False, highlight=False, width=width).print(table)


def report(
    settings: Settings,
    found: Sequence[tuple[str, Service]],
    own: own_served.Row | None,
    *,
    ok: bool,
) -> dict[str, object]:
    """What `status --json` prints."""
    return {
        "ok": ok,
        "url": settings.endpoint.url,
        "ports": {name: settings.endpoint.port(name) for name in PORTS},
        "root": str(settings.certs.root),
        "certificate": asdict(own) if own else None,
        "services": [{"mode": mode, **asdict(service)} for mode, service in found],
    }
