"""The address and ports on which the stack listens, and the URLs that lead there."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass

from certs.errors import SettingError
from certs.hosts import ALWAYS_ADDRESSES, Hosts
from certs.names import Address, parse_number

# Domains in which a local network may have a name for this machine (RFC 6762, RFC 8375,
# ICANN's .internal). On another device, localhost and .test never lead here.
_LOCAL_NETWORK = (".local", ".home.arpa", ".internal")

PORTS = ("HTTPS_PORT", "HTTP_PORT")
FIRST = {"HTTPS_PORT": 8443, "HTTP_PORT": 8080}  # the default, and where auto begins
AUTO = "auto"  # `make up` chooses a free port: see stack.free_ports


@dataclass(frozen=True)
class Endpoint:
    """BIND, HTTPS_PORT and HTTP_PORT, and what follows from them.

    auto: the settings whose port `make up` has still to choose; until then it is the default.
    """

    bind: Address = ALWAYS_ADDRESSES[0]
    https_port: int = FIRST["HTTPS_PORT"]
    http_port: int = FIRST["HTTP_PORT"]
    auto: tuple[str, ...] = ()

    def port(self, name: str) -> int:
        """The port that this setting names."""
        return {"HTTPS_PORT": self.https_port, "HTTP_PORT": self.http_port}[name]

    @property
    def host(self) -> str:
        """The host in URLs for this machine: localhost, or BIND if localhost does not lead here."""
        if self.bind.is_unspecified or self.bind in ALWAYS_ADDRESSES:
            return "localhost"
        return self.bind_before_port

    @property
    def bind_before_port(self) -> str:
        """BIND as nginx, Compose and URLs write it before a port."""
        return f"[{self.bind}]" if self.bind.version == 6 else str(self.bind)

    @property
    def url(self) -> str:
        return f"https://{self.host}:{self.https_port}"

    @property
    def reached_at(self) -> str:
        """The address by which this machine reaches the stack."""
        if not self.bind.is_unspecified:
            return str(self.bind)
        return "127.0.0.1" if self.bind.version == 4 else "::1"

    @property
    def address(self) -> tuple[str, int]:
        """The address and port by which this machine reaches nginx."""
        return self.reached_at, self.https_port

    @property
    def is_open(self) -> bool:
        """Whether other machines can reach the stack."""
        return not self.bind.is_loopback

    @property
    def has_localhost(self) -> bool:
        """Whether localhost leads here for every client: some clients try only its first
        address."""
        return str(self.bind) in ("127.0.0.1", "0.0.0.0", "::")  # noqa: S104 # compared, not bound

    def trust_page(self, hosts: Hosts) -> str | None:
        """The trust page's URL for other devices; None if no host leads here from outside.

        hosts: the leaf's. nginx answers to no other host, and a device that trusts the root
            would refuse one.
        """
        if not self.is_open:
            return None
        candidates = [
            # IPv4 first: it is shorter to type, and every network has it.
            *(str(a) for a in hosts.addresses if a.version == 4 and self._is_led_to_by(a)),
            *(f"[{a}]" for a in hosts.addresses if a.version == 6 and self._is_led_to_by(a)),
            *(n for n in hosts.names if n.endswith(_LOCAL_NETWORK) and not n.startswith("*.")),
        ]
        return f"http://{candidates[0]}:{self.http_port}/" if candidates else None

    def _is_led_to_by(self, address: Address) -> bool:
        if not self.bind.is_unspecified:
            return address == self.bind
        # 0.0.0.0 listens on IPv4 alone; here `::` listens on both.
        return not address.is_loopback and (self.bind.version == 6 or address.version == 4)


def read(env: Mapping[str, str]) -> Endpoint:
    """Raises SettingError."""
    endpoint = Endpoint(
        _address(env),
        _port(env, "HTTPS_PORT"),
        _port(env, "HTTP_PORT"),
        tuple(name for name in PORTS if env.get(name) == AUTO),
    )
    if endpoint.https_port == endpoint.http_port and not endpoint.auto:
        raise SettingError(
            f"HTTPS_PORT and HTTP_PORT are both {endpoint.https_port}; change one, such as "
            f"HTTP_PORT={endpoint.http_port + 1}"
        )
    return endpoint


def _address(env: Mapping[str, str]) -> Address:
    value = env.get("BIND", "127.0.0.1")
    try:
        if "%" in value:  # a zone, which nginx cannot listen on
            raise ValueError
        return ipaddress.ip_address(value.strip("[]"))
    except ValueError:
        raise SettingError(
            f"BIND is {value!r}; write an address of this machine, such as 127.0.0.1, ::1, "
            "or 0.0.0.0 to let others in"
        ) from None


def _port(env: Mapping[str, str], name: str) -> int:
    value = env.get(name, AUTO)
    if value == AUTO:
        return FIRST[name]
    port = parse_number(value, 65535)
    if port is None:
        raise SettingError(
            f"{name} is {value!r}; write a port from 1 to 65535, or auto for the next free one"
        )
    return port
