"""The limits on connections that nginx accepts: MAX_CONNECTIONS and two more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from certs.errors import SettingError
from certs.names import parse_number

_MOST = 16384
# nginx's connections for idle clients and the health check.
_IDLE = 1024


@dataclass(frozen=True)
class Limits:
    """Each at least 1."""

    connections: int = 4096  # requests under way and open WebSockets, in all
    per_address: int = 1024  # of these, from one address
    handshakes: int = 200  # WebSocket handshakes a second, from one address

    @property
    def worker_connections(self) -> int:
        """A proxied WebSocket takes two, and one worker may get them all."""
        return 2 * max(self.connections, Limits.connections) + _IDLE

    @property
    def worker_files(self) -> int:
        """Open files, where the system allows as many; see worker_connections."""
        return 2 * self.worker_connections


def read(env: Mapping[str, str]) -> Limits:
    """An empty value counts as unset. Raises SettingError."""
    unset = Limits()
    return Limits(
        _number(env, "MAX_CONNECTIONS", unset.connections),
        _number(env, "MAX_CONNECTIONS_PER_ADDRESS", unset.per_address),
        _number(env, "HANDSHAKES_PER_SECOND", unset.handshakes),
    )


def _number(env: Mapping[str, str], name: str, default: int) -> int:
    value = env.get(name) or str(default)
    number = parse_number(value, _MOST)
    if number is None:
        raise SettingError(f"{name} is {value!r}; write a number from 1 to {_MOST}")
    return number
