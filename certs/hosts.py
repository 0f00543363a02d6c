"""The hosts of the leaf, parsed and checked once.

One object gives both lists, the subject alternative names and the hosts that nginx
answers to, so the two cannot differ. All functions here are pure.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from certs.names import Address, HostError, items, parse_host
from certs.permitted import Permitted

ALWAYS_NAMES = ("localhost",)
ALWAYS_ADDRESSES: tuple[Address, ...] = (
    ipaddress.IPv4Address("127.0.0.1"),
    ipaddress.IPv6Address("::1"),
)


@dataclass(frozen=True)
class Hosts:
    """The hosts of one leaf, each once, in the order of the setting.

    names: lower-case A-labels, possibly `*.` in front.
    addresses: IPv4 and IPv6.
    """

    names: tuple[str, ...]
    addresses: tuple[Address, ...]

    def sans(self) -> tuple[str, ...]:
        """The subject alternative names."""
        return (*self.names, *map(str, self.addresses))

    def authorities(self) -> tuple[str, ...]:
        """The hosts as in a URL and in nginx's $host: IPv6 in brackets."""
        return (*self.names, *(f"[{a}]" if a.version == 6 else str(a) for a in self.addresses))

    def within(self, permitted: Permitted) -> Hosts:
        """Those of the hosts that the authority may sign."""
        return Hosts(
            tuple(n for n in self.names if permitted.allows_name(n.removeprefix("*."))),
            tuple(a for a in self.addresses if permitted.allows_address(a)),
        )

    def check(self, permitted: Permitted, permit: Permitted | None = None) -> None:
        """Raises HostError for the first host that the authority may not sign.

        permit: the value of PERMIT.
        """
        command = self._widening(permitted, permit or Permitted()).command()
        for name in self.names:
            if not permitted.allows_name(name.removeprefix("*.")):
                first = name.removeprefix("*.").split(".")[0]
                raise HostError(
                    f"HOSTS or SITES: {name!r} is a name that the authority may not sign. It signs "
                    f"names under {', '.join(permitted.names)}; use one of those, such as "
                    f"{first}.localhost or {first}.test. For a name of your own: {command}"
                )
        for address in self.addresses:
            if not permitted.allows_address(address):
                raise HostError(
                    f"HOSTS or SITES: {str(address)!r} is an address that the authority may not "
                    "sign. It signs loopback and private ones: "
                    f"{', '.join(map(str, permitted.networks))}. For another: {command}"
                )

    def _widening(self, permitted: Permitted, permit: Permitted) -> Permitted:
        """The old permissions, and in addition these hosts and PERMIT."""
        wide = permitted.union(permit)
        bare = (name.removeprefix("*.") for name in self.names)
        more = tuple(name for name in bare if not wide.allows_name(name))
        others = (ipaddress.ip_network(a) for a in self.addresses if not wide.allows_address(a))
        return wide.union(Permitted(more, tuple(others)))


def parse(text: str, setting: str = "HOSTS") -> Hosts:
    """Reads HOSTS: names and addresses separated by spaces or commas.

    localhost, 127.0.0.1 and ::1 always come first; a duplicate is dropped; international
    names become A-labels (RFC 5891, with the mapping of UTS 46).
    setting: the name in error messages. Raises HostError.
    """
    names = list(ALWAYS_NAMES)
    addresses = list(ALWAYS_ADDRESSES)
    for item in items(text):
        found = parse_host(item, setting)
        if isinstance(found, str):
            names.append(found)
        else:
            addresses.append(found)
    return Hosts(tuple(dict.fromkeys(names)), tuple(dict.fromkeys(addresses)))
