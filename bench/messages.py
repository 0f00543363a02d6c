"""What is sent, and what it becomes on the way."""

from __future__ import annotations

import json
import os
import re
import zlib
from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    """What is sent, and by how many at once."""

    size: int
    connections: int
    json: bool = False  # JSON text, as an app and its page would exchange it
    offers: bool = False  # whether the client offers permessage-deflate, as browsers do

    @property
    def size_label(self) -> str:
        if self.size >= 2**20:
            return f"{self.size // 2**20} MiB"
        return f"{self.size // 1024} KiB" if self.size >= 1024 else f"{self.size} B"

    @property
    def label(self) -> str:
        size = self.size_label
        of = " of JSON" if self.json else ""
        return f"{size}{of}, {self.connections} connection{'s' if self.connections > 1 else ''}"


def message(case: Case) -> bytes:
    if not case.json:
        return os.urandom(case.size)
    rows = [{"id": n, "name": f"sensor {n}", "value": n * 0.37} for n in range(case.size // 16 + 2)]
    return json.dumps(rows).encode()[: case.size]


def window_bits(accepted: str) -> int:
    """What a server's Sec-WebSocket-Extensions allows its client's compression."""
    found = re.search(r"client_max_window_bits=(\d+)", accepted)
    return int(found[1]) if found else 15


def deflated(payload: bytes, bits: int = 15) -> bytes:
    """RFC 7692, section 7.2.1. Made once: what the client pays for is not measured."""
    compressor = zlib.compressobj(wbits=-bits)
    return (compressor.compress(payload) + compressor.flush(zlib.Z_SYNC_FLUSH))[:-4]


def inflated(payload: bytes) -> bytes:
    return zlib.decompressobj(wbits=-15).decompress(payload + b"\0\0\xff\xff")
