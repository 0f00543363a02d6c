"""Reads PEM files of other programs: their certificates, and the blocks that are none."""

from __future__ import annotations

import functools
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_BEGIN, _END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"


@dataclass(frozen=True)
class Block:
    """The text from BEGIN to END, or to the next BEGIN if END is missing.

    der: empty if OpenSSL reads no certificate in the text.
    """

    text: str
    line: int  # of the file, from 1
    der: bytes


def blocks(path: Path) -> list[Block]:
    """All blocks of a file; none if the file is missing or may not be read."""
    return list(parse(text_of(path)))


def certificates(path: Path) -> list[Block]:
    """The blocks of a file that are certificates."""
    return [block for block in blocks(path) if block.der]


def text_of(path: Path) -> str:
    """The file's text; empty if the file is missing or may not be read."""
    try:
        return path.read_text(errors="replace") if path.is_file() else ""
    except (OSError, ValueError):  # ValueError: NUL in the path
        return ""


def parse(text: str) -> Iterator[Block]:
    # A BEGIN without END must not take the next block with it.
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
    """The certificate in DER, as OpenSSL reads it. curl, requests and Node use OpenSSL, and
    refuse all of a file, or its rest, for one block that OpenSSL refuses."""
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=block)
        return ssl.PEM_cert_to_DER_cert(block)
    except (ssl.SSLError, ValueError, TypeError):  # TypeError: it is not ASCII
        return b""
