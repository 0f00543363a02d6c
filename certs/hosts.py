"""Which hosts the leaf is for: parsed and checked once, rendered twice.

Everything here is pure. The two renderings, as subject alternative names and as
the hosts that nginx answers to, come from one object, so they cannot differ.
"""

from __future__ import annotations

import ipaddress
import re
import shlex
from collections.abc import Iterable
from dataclasses import dataclass

import idna

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

ALWAYS_NAMES = ("localhost",)
ALWAYS_ADDRESSES: tuple[Address, ...] = (
    ipaddress.IPv4Address("127.0.0.1"),
    ipaddress.IPv6Address("::1"),
)

# What our authority may sign: names that no public DNS delegates (RFC 6761,
# RFC 8375, RFC 6762, ICANN's .internal) and addresses that nobody owns.
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

_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")


class HostError(ValueError):
    """A host that cannot be in the leaf. The text names it and what would do."""


@dataclass(frozen=True)
class Permitted:
    """What an authority may sign.

    names: domains without a leading dot, each with everything below it
        (RFC 5280, section 4.2.1.10).
    networks: the addresses.
    """

    names: tuple[str, ...] = PERMITTED_NAMES
    networks: tuple[Network, ...] = PERMITTED_NETWORKS

    def allows_name(self, name: str) -> bool:
        return any(name == top or name.endswith("." + top) for top in self.names)

    def allows_address(self, address: Address) -> bool:
        return any(address in network for network in self.networks)

    def beyond(self, other: Permitted) -> list[str]:
        """What this one allows and the other does not."""
        return [
            *(name for name in self.names if not other.allows_name(name)),
            *(
                str(network)
                for network in self.networks
                if not any(_within(network, theirs) for theirs in other.networks)
            ),
        ]

    def joined(self, other: Permitted) -> Permitted:
        """What either allows, this one's first."""
        names, networks = (*self.names, *other.names), (*self.networks, *other.networks)
        return Permitted(tuple(dict.fromkeys(names)), tuple(dict.fromkeys(networks)))

    def command(self) -> str:
        """What makes an authority that may sign this."""
        wanted = " ".join(self.beyond(Permitted()))
        return f"PERMIT={shlex.quote(wanted)} make certs"

    def __str__(self) -> str:
        return ", ".join([*self.names, *map(str, self.networks)])


@dataclass(frozen=True)
class Hosts:
    """The hosts of one leaf, each once, in the order they were asked for.

    names: lower-case A-labels, possibly `*.` in front.
    addresses: IPv4 and IPv6.
    """

    names: tuple[str, ...]
    addresses: tuple[Address, ...]

    def sans(self) -> tuple[str, ...]:
        """As subject alternative names."""
        return (*self.names, *map(str, self.addresses))

    def authorities(self) -> tuple[str, ...]:
        """As they stand in a URL, and in nginx's $host: IPv6 in brackets."""
        return (*self.names, *(f"[{a}]" if a.version == 6 else str(a) for a in self.addresses))

    def check(self, permitted: Permitted, permit: Permitted | None = None) -> None:
        """Raises HostError for the first host that may not be signed. permit: PERMIT's."""
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
        """An authority for all of it, and no narrower than the one that is there."""
        wide = permitted.joined(permit)
        bare = (name.removeprefix("*.") for name in self.names)
        more = tuple(name for name in bare if not wide.allows_name(name))
        others = (ipaddress.ip_network(a) for a in self.addresses if not wide.allows_address(a))
        return wide.joined(Permitted(more, tuple(others)))


def parse(text: str) -> Hosts:
    """Reads HOSTS: names and addresses separated by spaces or commas.

    localhost, 127.0.0.1 and ::1 come first always; duplicates are folded;
    international names become A-labels (RFC 5891, mapped as UTS 46 says).
    Raises HostError.
    """
    names = list(ALWAYS_NAMES)
    addresses = list(ALWAYS_ADDRESSES)
    for item in _items(text):
        found = _host(item)
        if isinstance(found, str):
            names.append(found)
        else:
            addresses.append(found)
    return Hosts(tuple(dict.fromkeys(names)), tuple(dict.fromkeys(addresses)))


def parse_permit(text: str) -> Permitted:
    """Reads PERMIT: further domains and networks that a new authority may sign.

    Raises HostError.
    """
    names = list(PERMITTED_NAMES)
    networks = list(PERMITTED_NETWORKS)
    for item in _items(text):
        try:
            network = ipaddress.ip_network(item)
        except ValueError:
            if "/" in item:
                raise HostError(
                    f"PERMIT: {item!r} is not a network; write one like 100.64.0.0/10"
                ) from None
            names.append(_name(item.removeprefix("*.").removeprefix("."), "PERMIT", shown=item))
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


def _items(text: str) -> Iterable[str]:
    return text.replace(",", " ").split()


def _host(item: str) -> str | Address:
    bare = item[1:-1] if item.startswith("[") and item.endswith("]") else item
    try:
        address = ipaddress.ip_address(bare)
    except ValueError:
        pass
    else:
        if isinstance(address, ipaddress.IPv6Address) and address.scope_id:
            raise HostError(f"HOSTS: {item!r} has a zone; a certificate has addresses without one")
        return address
    alone = _alone(item)
    if "/" in item:
        raise HostError(f"HOSTS: {item!r} is a URL or a network; write the host alone: {alone}")
    if alone and item in (
        f"{alone}:{item.rpartition(':')[2]}",
        f"[{alone}]:{item.rpartition(':')[2]}",
    ):
        raise HostError(f"HOSTS: {item!r} has a port; a certificate is for every port: {alone}")
    if ":" in item:
        raise HostError(f"HOSTS: {item!r} is a broken IPv6 address; write one like ::1 or fd00::1")
    if not item.startswith("*."):
        return _name(item, "HOSTS")
    parent = _name(item[2:], "HOSTS", shown=item)
    if "." not in parent:
        raise HostError(
            f"HOSTS: {item!r} is a wildcard right under a single label, which Chromium, Firefox "
            f"and most others refuse, some with the whole certificate. Name each host "
            f"(api.{parent}), or go a label deeper (*.app.{parent})"
        )
    return f"*.{parent}"


def _alone(item: str) -> str:
    """The host in what may be a URL, with a port or not."""
    authority = re.sub(r"^\w+://", "", item).split("/")[0]
    bracketed = re.match(r"\[([^\[\]]+)\]", authority)
    if bracketed:
        return bracketed[1]
    return authority.split(":")[0] if authority.count(":") == 1 else authority


def _name(item: str, setting: str, shown: str | None = None) -> str:
    shown = shown or item
    if "" in item.split("."):
        raise HostError(f"{setting}: {shown!r} has an empty label; write it without the extra dot")
    if "*" in item:
        raise HostError(
            f"{setting}: {shown!r} has a * that is not the whole first label; "
            "write *.app.localhost, or name each host"
        )
    try:
        name = idna.encode(item, uts46=True, std3_rules=True).decode("ascii").lower()
    except (idna.IDNAError, UnicodeError) as error:
        raise HostError(
            f"{setting}: {shown!r} is not a host name ({error}); "
            "letters, digits and hyphens, in labels of at most 63"
        ) from None
    labels = name.split(".")
    if len(name) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise HostError(
            f"{setting}: {shown!r} is not a host name; "
            "letters, digits and hyphens, in labels of at most 63, at most 253 in all"
        )
    if labels[-1].isdigit():
        raise HostError(
            f"{setting}: {shown!r} is neither an IPv4 address nor a name (names do not end in "
            "a number)"
        )
    return name
