"""Certificates in PEM files that others wrote, and what in such a file is none."""

from __future__ import annotations

import functools
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_BEGIN, _END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"


@dataclass(frozen=True)
class Block:
    """What stands between BEGIN and END, with both; up to the next BEGIN where END is
    missing. der: empty where OpenSSL reads no certificate in it."""

    text: str
    line: int  # of the file, from 1
    der: bytes


def blocks(path: Path) -> list[Block]:
    """Of a whole file; none where it is no file, or one that may not be read."""
    return list(parse(text_of(path)))


def certificates(path: Path) -> list[Block]:
    """Those that are certificates."""
    return [block for block in blocks(path) if block.der]


def text_of(path: Path) -> str:
    """Nothing where it is no file, or one that may not be read."""
    try:
        return path.read_text(errors="replace") if path.is_file() else ""
    except (OSError, ValueError):  # ValueError: NUL in the path
        return ""


def parse(text: str) -> Iterator[Block]:
    # What follows a BEGIN without END is not to be swallowed with it.
    start, line = text.find(_BEGIN), 1
    counted = 0
    while start >= 0:
        line += text.count("\n", counted, start)
        counted = start
        after = text.find(_BEGIN, start + len(_BEGIN))
        piece = text[start : after if after >= 0 else len(text)]
        inside, end, _ = piece.partition(_END)
        block = (inside + end).rstrip()
        yield Block(block, line, _der(block))
        start = after


@functools.cache  # a store is looked at several times
def _der(block: str) -> bytes:
    """By OpenSSL, as curl, requests and Node read it: a file with one block that it
    refuses is of no use to them, or up to there only."""
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=block)
        return ssl.PEM_cert_to_DER_cert(block)
    except (ssl.SSLError, ValueError, TypeError):  # TypeError: it is not ASCII
        return b""
