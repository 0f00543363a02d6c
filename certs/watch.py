"""The certs process, which keeps authority, leaf and trust page current."""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Mapping
from pathlib import Path

from certs import leaf_dir, mint, nginx_values
from certs.authority import Authority
from certs.errors import MintError
from certs.names import HostError
from certs.page import publish
from certs.settings import Settings

# Seconds until a removed or old leaf is replaced. One look takes about a millisecond.
INTERVAL = 1.0

log = logging.getLogger(__name__)


def run(
    settings: Settings, healthy: Path | None = None, nginx: Mapping[str, str] | None = None
) -> None:
    """Runs until SIGTERM or SIGINT. The first look may raise MintError, HostError.

    healthy: a file that each good look touches and each failed look removes, so that a
        health check can go by its age.
    nginx: the raw settings of nginx's container, which waits for its values.
    """
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    authority = _look(settings)
    if nginx is not None:
        nginx_values.write(nginx, settings)
    with leaf_dir.keep(settings.leaf_dir):
        _watch(settings, authority, healthy, stop)


def _watch(
    settings: Settings, authority: Authority, healthy: Path | None, stop: threading.Event
) -> None:
    log.info("watching: %s", ", ".join(settings.hosts.sans()))
    here, port = settings.endpoint, settings.endpoint.https_port
    urls = [f"{here.url}/", *(f"https://{site.host}:{port}/" for site in settings.sites)]
    if settings.is_echo_app:
        urls.append(f"wss://{here.host}:{port}/ws (echo)")
    page = f"http://{here.host}:{here.http_port}/"
    log.info("addresses: %s; trust page: %s", ", ".join(urls), page)
    log.info("root: %s; a client trusts it after make certs, or the page's steps", authority.name)
    mint.warn_if_permit_is_ignored(settings, authority)
    _report(healthy, ok=True)
    failure = ""
    while not stop.wait(INTERVAL):
        try:
            _look(settings)
        except (MintError, HostError) as error:
            if str(error) != failure:  # logged once, not every second
                log.error("%s", error)
            failure = str(error)
        else:
            if failure:
                log.info("fixed: the leaf is current again")
            failure = ""
        _report(healthy, ok=not failure)
    log.info("stopped")


def _look(settings: Settings) -> Authority:
    authority = mint.ensure(settings, from_watch=True)
    publish.ensure(settings, authority)
    return authority


def _report(healthy: Path | None, *, ok: bool) -> None:
    if healthy is None:
        return
    if ok:
        healthy.touch()
    else:
        healthy.unlink(missing_ok=True)
