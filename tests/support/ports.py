"""Ports for the stacks under test, which no other test and no other run has."""

from __future__ import annotations

import random
import socket

# Below what systems give to outgoing connections and to port 0 (Linux from
# 32768, others from 49152): a port stays free while its stack is stopped.
_RANGE = range(20000, 32768)

# A UDP socket on a port's number is its reservation. Nothing here speaks UDP, the
# kernel lets one process have it, and takes it back when that process is gone.
_reserved: dict[int, socket.socket] = {}


def free_port() -> int:
    """A TCP port of the loopback that is free, and given to nobody else.

    Until the tests end, that is; other runs on this machine heed it too.
    """
    for port in random.sample(_RANGE, len(_RANGE)):
        reservation = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            reservation.bind(("127.0.0.1", port))
            with socket.socket() as probe:
                probe.bind(("", port))  # on every address: BIND may say any
        except OSError:
            reservation.close()
        else:
            _reserved[port] = reservation
            return port
    raise AssertionError(f"no port from {_RANGE[0]} to {_RANGE[-1]} is free")


def free_for_udp_too() -> int:
    """As free_port, for a server of both: its own UDP socket is the reservation."""
    port = free_port()
    _reserved.pop(port).close()
    return port
