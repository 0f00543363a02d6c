"""The files of the trust page, as bytes. Pure: reads only its own templates."""

from __future__ import annotations

import functools
import hashlib
import io
from collections.abc import Mapping
from pathlib import Path

import segno
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from certs.endpoint import Endpoint
from certs.hosts import Hosts
from certs.page import apple_profile
from certs.permitted import Permitted

INDEX = "index.html"
PEM = "trust/root.crt"
DER = "trust/root.cer"
PROFILE = "trust/root.mobileconfig"
QR = "trust/qr.svg"

_HERE = Path(__file__).parent
_STATIC = ("style.css", "page.js", "icon.svg")
# Every file that this version may write.
NAMES = (PEM, DER, PROFILE, QR, *(f"trust/{name}" for name in _STATIC), INDEX)


def files(
    root: x509.Certificate,
    permitted: Permitted,
    hosts: Hosts,
    endpoint: Endpoint,
    *,
    is_echo_app: bool,
) -> Mapping[str, bytes]:
    """The page's files by their paths under /, the page itself last.

    root: the certificate alone. permitted: the names and networks that it may sign.
    hosts: the leaf's. There is a QR code if other devices can open the page.
    """
    der = root.public_bytes(Encoding.DER)
    name = _printable(str(root.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value))
    url = endpoint.trust_page(hosts)
    made = {
        PEM: root.public_bytes(Encoding.PEM),
        DER: der,
        PROFILE: apple_profile.mobileconfig(der, name, f"May sign {permitted}, and nothing else."),
    }
    if url:
        made[QR] = _qr(url)
    for static in _STATIC:
        made[f"trust/{static}"] = (_HERE / "static" / static).read_bytes()
    sha256 = hashlib.sha256(der).hexdigest()
    made[INDEX] = (
        _templates()
        .get_template(INDEX)
        .render(
            name=name,
            sha256=sha256,
            fingerprint=_grouped(sha256),
            # macOS and Windows identify a certificate by its SHA-1.
            sha1=hashlib.sha1(der, usedforsecurity=False).hexdigest().upper(),
            file=f"wss-stack-root-{sha256[:8]}",
            expires=root.not_valid_after_utc,
            permitted=permitted,
            added=permitted.minus(Permitted()),
            hosts=[host for host in hosts.authorities() if not host.startswith("*.")],
            endpoint=endpoint,
            is_echo_app=is_echo_app,
            open=endpoint.is_open,
            url=url,
        )
        .encode()
    )
    return made


@functools.cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _printable(text: str) -> str:
    """Replaces control characters: a property list cannot hold them, and some of them
    (U+202E) make a page show another name."""
    return "".join(
        letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text
    )


def _grouped(sha256: str) -> list[str]:
    """The fingerprint as `status` prints it, in groups for the eye: `AB:CD:EF:01:`."""
    pairs = [sha256[at : at + 2].upper() for at in range(0, len(sha256), 2)]
    groups = [":".join(pairs[at : at + 4]) for at in range(0, len(pairs), 4)]
    return [*(f"{group}:" for group in groups[:-1]), groups[-1]]


def _qr(url: str) -> bytes:
    """An SVG with the quiet zone of the standard. It is dark on white in dark mode too: many
    readers cannot read the reverse."""
    image = io.BytesIO()
    # Error correction Q: a reader can lose a quarter to reflections on a screen.
    segno.make(url, error="q", micro=False).save(
        image,
        kind="svg",
        border=4,
        dark="#000",
        light="#fff",
        omitsize=True,
        svgclass=None,
        lineclass=None,
    )
    return image.getvalue()
