"""The servers of UPSTREAM and SITES, to which nginx passes requests.

This module is in certs, not in stack, because the leaf has the names of SITES.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

from certs.errors import SettingError
from certs.hosts import parse
from certs.names import parse_number

# nginx and Docker accept an underscore: a Compose service may have one in its name.
_NAME = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*")
# The hosts of every leaf, which no site can have.
_OURS = frozenset(parse("").authorities())

_LOOPBACKS = ("127.0.0.1", "[::1]")


class UpstreamError(SettingError):
    """UPSTREAM or SITES with a value that cannot be used. The text names both."""


@dataclass(frozen=True)
class Upstream:
    """A server: a name or an address (IPv6 in brackets), and its port."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"

    @property
    def loopback(self) -> bool:
        """Whether the server is the machine, or the container, that connects to it."""
        if self.host == "localhost" or self.host.endswith(".localhost"):
            return True
        try:
            return ipaddress.ip_address(self.host.strip("[]")).is_loopback
        except ValueError:
            return False

    def loopbacks(self) -> tuple[Upstream, ...]:
        """For a localhost: its IPv4 and IPv6 addresses, the one that was written first; else
        none. A development server often listens on only one of the two."""
        host = self.host.lower()
        if host == "localhost":
            host = _LOOPBACKS[0]
        if host not in _LOOPBACKS:
            return ()
        others = [other for other in _LOOPBACKS if other != host]
        return tuple(Upstream(each, self.port) for each in (host, *others))


@dataclass(frozen=True)
class Site:
    """host: as in a URL, possibly `*.` in front. upstream: the server behind it."""

    host: str
    upstream: Upstream


def parse_upstream(text: str, setting: str = "UPSTREAM") -> Upstream:
    """host:port. Raises UpstreamError."""
    host, _, after = text.rpartition(":")
    port = parse_number(after, 65535)
    wrong = f"{setting}: {text!r} is not host:port; write one like localhost:3000 or web:8000"
    if "/" in text:
        raise UpstreamError(f"{wrong}, without a scheme or a path")
    if port is None or "%" in host:  # a zone, which nginx cannot connect to
        raise UpstreamError(wrong)
    if host.startswith("[") and host.endswith("]"):
        try:
            return Upstream(f"[{ipaddress.IPv6Address(host[1:-1])}]", port)
        except ValueError:
            raise UpstreamError(wrong) from None
    if not _NAME.fullmatch(host):
        raise UpstreamError(wrong)
    return Upstream(host, port)


def parse_sites(text: str) -> tuple[Site, ...]:
    """Reads SITES: name=host:port, separated by spaces or commas.

    Raises UpstreamError, HostError (for a name that no leaf can have).
    """
    sites: dict[str, Site] = {}
    for item in text.replace(",", " ").split():
        name, equals, server = item.partition("=")
        if not (name and equals):
            raise UpstreamError(
                f"SITES: {item!r} is not name=host:port; write one like "
                "api.localhost=localhost:3000"
            )
        host = _host(name)
        if host in sites:
            raise UpstreamError(f"SITES: {name!r} is there twice; one name has one server")
        sites[host] = Site(host, parse_upstream(server, "SITES"))
    return tuple(sites.values())


def _host(name: str) -> str:
    # localhost and the loopback's addresses come first, always.
    names = [host for host in parse(name, "SITES").authorities() if host not in _OURS]
    if not names:
        raise UpstreamError(
            f"SITES: {name!r} is the stack's own name; for a server behind it, set UPSTREAM"
        )
    return names[0]
