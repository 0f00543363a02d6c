"""The files beside the trust page: the root in three forms, and the QR code."""

from __future__ import annotations

import hashlib
import ipaddress
import plistlib
import re

import pytest
import segno
from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from certs.dotenv import CHECKOUT
from certs.endpoint import Endpoint
from certs.page import render
from tests.support.certificates import common_name
from tests.support.trust_page import LAN, Document, assert_public, made, minted


def test_the_files_are_the_root() -> None:
    authority = minted()
    files = made(authority)
    assert files[render.PEM] == authority.root_pem()
    assert x509.load_der_x509_certificate(files[render.DER]) == authority.root
    # So a device without a viewer can be asked for the hash of the file.
    digest = hashlib.sha256(files[render.DER]).hexdigest().upper()
    assert Document(files).texts["fingerprint"].replace(":", "") == digest


def test_the_qr_code_is_of_the_address_dark_on_white_with_a_quiet_zone() -> None:
    svg = made(minted(), "fd00::7", Endpoint(bind=ipaddress.ip_address("::")))[render.QR].decode()
    code = segno.make("http://[fd00::7]:8080/", error="q", micro=False)
    size = code.symbol_size(border=4)[0]
    assert f'viewBox="0 0 {size} {size}"' in svg
    assert f'<path fill="#fff" d="M0 0h{size}v{size}h-{size}z"/><path stroke="#000"' in svg
    assert _dark_modules(svg) == {
        (x + 4, y + 4) for y, row in enumerate(code.matrix) for x, dark in enumerate(row) if dark
    }
    assert "style" not in svg


def _dark_modules(svg: str) -> set[tuple[int, int]]:
    """Those that the lines of the drawing cross: `M4 4.5h7m3 0h2...`."""
    drawing = re.search(r'stroke="#000" d="([^"]+)"', svg)
    assert drawing
    x, y, dark = 0.0, 0.0, set()
    for kind, first, second in re.findall(r"([Mmh])(-?[\d.]+)(?: (-?[\d.]+))?", drawing[1]):
        if kind == "h":
            dark |= {(int(x) + n, int(y)) for n in range(int(first))}
            x += int(first)
        elif kind == "m":
            x, y = x + float(first), y + float(second)
        else:
            x, y = float(first), float(second)
    return dark


def test_the_profile_adds_that_one_root() -> None:
    authority = minted()
    profile = plistlib.loads(made(authority)[render.PROFILE])
    assert profile["PayloadType"] == "Configuration"
    assert profile["PayloadVersion"] == 1
    assert profile["PayloadDisplayName"] == common_name(authority.root)
    (payload,) = profile["PayloadContent"]
    assert payload["PayloadType"] == "com.apple.security.root"
    assert payload["PayloadVersion"] == 1
    assert payload["PayloadContent"] == authority.root.public_bytes(Encoding.DER)
    identities = [
        *(payload["PayloadIdentifier"], payload["PayloadUUID"]),
        *(profile["PayloadIdentifier"], profile["PayloadUUID"]),
    ]
    assert len(set(identities)) == 4


def test_the_same_root_has_the_same_profile_and_another_one_another() -> None:
    authority, other = minted(), minted()
    first = made(authority)[render.PROFILE]
    assert made(authority, "192.168.1.20", LAN)[render.PROFILE] == first
    identities = set()
    for profile in (plistlib.loads(first), plistlib.loads(made(other)[render.PROFILE])):
        for part in (profile, *profile["PayloadContent"]):
            identities |= {part["PayloadUUID"], part["PayloadIdentifier"]}
    assert len(identities) == 8


def test_files_have_no_key_and_nothing_else_of_the_authority() -> None:
    authority = minted()
    files = made(authority, "192.168.1.20", LAN)
    assert_public(files, authority)


@pytest.mark.parametrize("form", ["PEM", "DER", "hexadecimal", "base64"])
@pytest.mark.parametrize("what", ["key", "intermediate"])
def test_the_look_for_keys_finds_what_is_not_public(what: str, form: str) -> None:
    authority = minted()
    der = authority.intermediate.public_bytes(Encoding.DER)
    pem = authority.intermediate_pem()
    if what == "key":
        der = authority.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        pem = authority.key_pem()
    forms = {"PEM": pem, "DER": der, "hexadecimal": der.hex().upper().encode()}
    forms["base64"] = plistlib.dumps({"Content": der})
    with pytest.raises(AssertionError):
        assert_public({"trust/file": b"before " + forms[form]}, authority)


def test_the_design_tokens_are_those_of_the_console() -> None:
    tokens = (CHECKOUT / "console/tokens.css").read_text()
    style = (CHECKOUT / "certs/page/static/style.css").read_text()
    assert style.startswith(tokens)
