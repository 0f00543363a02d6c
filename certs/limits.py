"""The limits on connections that nginx accepts: MAX_CONNECTIONS and two more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from certs.errors import SettingError
from certs.names import parse_number

# worker_connections in nginx/nginx.conf is 9216: two for each, 1024 for idle clients.
_MOST = 4096


@dataclass(frozen=True)
class Limits:
    """Each at least 1."""

    connections: int = 4096  # requests under way and open WebSockets, in all
    per_address: int = 1024  # of these, from one address
    handshakes: int = 200  # WebSocket handshakes a second, from one address


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
