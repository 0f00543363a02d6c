"""The certs process, which keeps authority, leaf and trust page current."""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from certs import leaf_dir, mint, nginx_values, own_leaf
from certs.authority import Authority
from certs.errors import MintError, OwnCertificateError
from certs.names import HostError
from certs.own_certificate import OwnCertificate
from certs.page import publish
from certs.settings import Settings

# Seconds until a removed or old leaf is replaced, or a new file of CERT is seen. nginx takes one
# more. A look takes two milliseconds of CPU time.
INTERVAL = 0.5

log = logging.getLogger(__name__)


class _Found(NamedTuple):
    """wrong: the reason why CERT is not the one that nginx serves."""

    authority: Authority
    own: OwnCertificate | None
    wrong: OwnCertificateError | None


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
    first = _look(settings)
    if nginx is not None:
        nginx_values.write(nginx, settings)
    with leaf_dir.keep(settings.leaf_dir):
        _watch(settings, first, healthy, stop, nginx)


def _watch(
    settings: Settings,
    first: _Found,
    healthy: Path | None,
    stop: threading.Event,
    nginx: Mapping[str, str] | None,
) -> None:
    log.info("watching: %s", ", ".join(settings.hosts.sans()))
    here, port = settings.endpoint, settings.endpoint.https_port
    urls = [f"{here.url}/", *(f"https://{site.host}:{port}/" for site in settings.sites)]
    if settings.is_echo_app:
        urls.append(f"wss://{here.host}:{port}/ws (echo)")
    page = f"http://{here.host}:{here.http_port}/"
    log.info("addresses: %s; trust page: %s", ", ".join(urls), page)
    name = first.authority.name
    log.info("root: %s; a client trusts it after make certs, or the page's steps", name)
    mint.warn_if_permit_is_ignored(settings, first.authority)
    failure = str(first.wrong or "")
    if failure:
        log.error("%s", failure)
    _report(healthy, ok=not failure)
    in_map = _in_map(first)
    while not stop.wait(INTERVAL):
        try:
            found = _look(settings)
            if found.own and _in_map(found) != in_map:
                in_map = _in_map(found)
                _tell_of_names(settings, in_map, nginx)
            if found.wrong:
                raise found.wrong
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


def _look(settings: Settings) -> _Found:
    own, wrong = own_leaf.look(settings)
    authority = mint.ensure(settings, from_watch=True, own=own)
    own_leaf.ensure(settings, own)
    publish.ensure(settings, authority)
    return _Found(authority, own, wrong)


def _in_map(found: _Found) -> set[str]:
    return nginx_values.own_names_in_map(found.own, found.authority.permitted)


def _tell_of_names(settings: Settings, names: set[str], nginx: Mapping[str, str] | None) -> None:
    """For names of CERT that nginx must know when it starts: the others need no restart."""
    if nginx is not None:
        nginx_values.write(nginx, settings)
    log.warning(
        "CERT %s is for other names of a local domain now: %s. nginx picks the certificate for "
        "these after: %s",
        settings.own,
        ", ".join(sorted(names)) or "none",
        "make up" if nginx is None else "make restart SERVICE=nginx",
    )


def _report(healthy: Path | None, *, ok: bool) -> None:
    if healthy is None:
        return
    if ok:
        healthy.touch()
    else:
        healthy.unlink(missing_ok=True)
