"""Where other devices find the trust page."""

from __future__ import annotations

import ipaddress

from certs.hosts import Address, Hosts
from certs.settings import PageSettings

# Names that a local network may know this machine by (RFC 6762, RFC 8375, ICANN's
# .internal). localhost and .test never lead here from another device.
_LOCAL_NETWORK = (".local", ".home.arpa", ".internal")


def is_open(page: PageSettings) -> bool:
    """Whether anybody but this machine can reach the stack."""
    return not ipaddress.ip_address(page.bind).is_loopback


def outside(hosts: Hosts, page: PageSettings) -> str | None:
    """The page's URL for other devices; None where no host leads here from outside.

    Only hosts that the leaf is for: nginx answers to no others, and a device that
    trusts the root would refuse them.
    """
    if not is_open(page):
        return None
    bind = ipaddress.ip_address(page.bind)
    candidates = [
        # IPv4 first: the shorter one to type, and known to every network.
        *(str(a) for a in hosts.addresses if a.version == 4 and _leads_here(a, bind)),
        *(f"[{a}]" for a in hosts.addresses if a.version == 6 and _leads_here(a, bind)),
        *(n for n in hosts.names if n.endswith(_LOCAL_NETWORK) and not n.startswith("*.")),
    ]
    return f"http://{candidates[0]}:{page.http_port}/" if candidates else None


def _leads_here(address: Address, bind: Address) -> bool:
    if not bind.is_unspecified:
        return address == bind
    # 0.0.0.0 is for IPv4 alone; `::` is for both here.
    return not address.is_loopback and (bind.version == 6 or address.version == 4)
