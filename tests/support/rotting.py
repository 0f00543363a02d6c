"""What a failing disk does to a PEM file."""

from __future__ import annotations

import base64
import re


def rotten(data: bytes, place: bytes, bit: int = 1) -> bytes:
    """A bit flipped after `place` in the first PEM block that has these bytes."""
    for block in re.finditer(rb"(-----BEGIN [^\n]+\n)(.+?)(-----END [^\n]+\n)", data, re.DOTALL):
        der = bytearray(base64.b64decode(block[2]))
        if place in der:
            der[der.index(place) + len(place)] ^= bit
            body = base64.encodebytes(der)
            return data[: block.start(2)] + body + data[block.end(2) :]
    raise AssertionError("no such place")
