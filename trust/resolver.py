"""Asks this machine's resolver whether the names of HOSTS and SITES lead to this stack.

Browsers and curl know by themselves where names under localhost lead. All other programs
ask the resolver, which may not know these names, and knows none under .test or .internal.
"""

from __future__ import annotations

import contextlib
import ipaddress
import queue
import socket
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

import psutil

from certs import ca_home, lan
from certs.endpoint import Endpoint
from certs.hosts import ALWAYS_NAMES
from certs.settings import Settings

_PATIENCE = 5.0  # seconds, for all names: a resolver without a network waits longer


@dataclass(frozen=True)
class Name:
    """address: the stack's. found: the addresses that the resolver gives, if they are others."""

    name: str
    address: str
    found: tuple[str, ...]
    leads_here: bool

    @property
    def why(self) -> str:
        """The reason why the name does not lead here."""
        if not self.found:
            return f"this machine's resolver does not find it; the stack is at {self.address}"
        return f"it leads to {', '.join(self.found)}; the stack is at {self.address}"


def look(settings: Settings) -> list[Name]:
    """All names of the settings but wildcards, which /etc/hosts cannot have."""
    endpoint = settings.endpoint
    # mDNS makes these names lead here already.
    known = {*ALWAYS_NAMES, *lan.hosts(endpoint.bind)}
    hosts = ca_home.minted_hosts(settings)
    names = [n for n in hosts.names if n not in known and not n.startswith("*.")]
    if not names:
        return []
    here = _own_addresses(endpoint)
    return [
        Name(name, endpoint.reached_at, found, not here.isdisjoint(found))
        for name, found in zip(names, _resolve(names), strict=True)
    ]


def _own_addresses(endpoint: Endpoint) -> set[str]:
    if not endpoint.bind.is_unspecified:
        return {str(endpoint.bind)}
    interfaces = psutil.net_if_addrs().values()
    return {a.address for addresses in interfaces for a in addresses}


def _resolve(names: Sequence[str]) -> list[tuple[str, ...]]:
    """The addresses of each name; none if there is no answer in time."""
    answers: queue.SimpleQueue[tuple[str, tuple[str, ...]]] = queue.SimpleQueue()
    for name in names:
        ask = threading.Thread(target=lambda n=name: answers.put((n, _addresses(n))), daemon=True)
        ask.start()
    found: dict[str, tuple[str, ...]] = {}
    deadline = time.monotonic() + _PATIENCE
    with contextlib.suppress(queue.Empty):
        while len(found) < len(names):
            name, addresses = answers.get(timeout=max(0.0, deadline - time.monotonic()))
            found[name] = addresses
    return [found.get(name, ()) for name in names]


def _addresses(name: str) -> tuple[str, ...]:
    try:
        answers = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except OSError:
        return ()
    return tuple(dict.fromkeys(str(ipaddress.ip_address(a[4][0])) for a in answers))
