"""The domains and networks that an authority may sign."""

from __future__ import annotations

import ipaddress
import shlex
from dataclasses import dataclass

from certs.names import Address, HostError, items, parse_name

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# The defaults: names that no public DNS delegates (RFC 6761, RFC 8375, RFC 6762, ICANN's
# .internal) and addresses that nobody owns.
PERMITTED_NAMES = ("localhost", "test", "internal", "home.arpa", "local")
PERMITTED_NETWORKS: tuple[Network, ...] = tuple(
    ipaddress.ip_network(network)
    for network in (
        "127.0.0.0/8",
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "::1/128",
        "fc00::/7",
    )
)


@dataclass(frozen=True)
class Permitted:
    """The domains and networks that an authority may sign.

    names: domains without a leading dot, each with all names below it
        (RFC 5280, section 4.2.1.10).
    """

    names: tuple[str, ...] = PERMITTED_NAMES
    networks: tuple[Network, ...] = PERMITTED_NETWORKS

    def allows_name(self, name: str) -> bool:
        return any(name == top or name.endswith("." + top) for top in self.names)

    def allows_address(self, address: Address) -> bool:
        return any(address in network for network in self.networks)

    def minus(self, other: Permitted) -> list[str]:
        """The names and networks that this one allows and the other does not."""
        return [
            *(name for name in self.names if not other.allows_name(name)),
            *(
                str(network)
                for network in self.networks
                if not any(_within(network, theirs) for theirs in other.networks)
            ),
        ]

    def union(self, other: Permitted) -> Permitted:
        """The names and networks of both, this one's first."""
        names, networks = (*self.names, *other.names), (*self.networks, *other.networks)
        return Permitted(tuple(dict.fromkeys(names)), tuple(dict.fromkeys(networks)))

    def command(self) -> str:
        """The command that makes an authority with these permissions."""
        wanted = " ".join(self.minus(Permitted()))
        return f"PERMIT={shlex.quote(wanted)} make certs"

    def __str__(self) -> str:
        return ", ".join([*self.names, *map(str, self.networks)])


def parse_permit(text: str) -> Permitted:
    """Reads PERMIT: more domains and networks that a new authority may sign.

    Raises HostError.
    """
    names = list(PERMITTED_NAMES)
    networks = list(PERMITTED_NETWORKS)
    for item in items(text):
        if "%" in item:
            raise HostError(
                f"PERMIT: {item!r} has a zone; a certificate has addresses without one, like "
                "fd00::1"
            )
        try:
            network = ipaddress.ip_network(item)
        except ValueError:
            if "/" in item:
                raise HostError(
                    f"PERMIT: {item!r} is not a network; write one like 100.64.0.0/10"
                ) from None
            names.append(
                parse_name(item.removeprefix("*.").removeprefix("."), "PERMIT", shown=item)
            )
        else:
            if network.prefixlen == 0:
                raise HostError(f"PERMIT: {item!r} is every address; write one like 100.64.0.0/10")
            networks.append(network)
    return Permitted(tuple(dict.fromkeys(names)), tuple(dict.fromkeys(networks)))


def _within(network: Network, other: Network) -> bool:
    if isinstance(network, ipaddress.IPv4Network) and isinstance(other, ipaddress.IPv4Network):
        return network.subnet_of(other)
    if isinstance(network, ipaddress.IPv6Network) and isinstance(other, ipaddress.IPv6Network):
        return network.subnet_of(other)
    return False
