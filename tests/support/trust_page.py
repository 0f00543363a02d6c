"""The trust page, made in memory: what it consists of, and what may be in it."""

from __future__ import annotations

import base64
import ipaddress
from collections.abc import Mapping
from html.parser import HTMLParser

from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from certs import authority as authorities
from certs.authority import Authority
from certs.endpoint import Endpoint
from certs.hosts import parse
from certs.page import render
from certs.permitted import parse_permit

LAN = Endpoint(bind=ipaddress.ip_address("0.0.0.0"))  # noqa: S104 # what BIND says to let others in


def minted(who: str = "ada@engine", permit: str = "") -> Authority:
    return authorities.mint(parse_permit(permit), who)


def made(
    authority: Authority,
    hosts: str = "",
    endpoint: Endpoint | None = None,
    *,
    is_echo_app: bool = True,
) -> Mapping[str, bytes]:
    return render.files(
        authority.root,
        authority.permitted,
        parse(hosts),
        endpoint or Endpoint(),
        is_echo_app=is_echo_app,
    )


class Document(HTMLParser):
    """The elements of a page, and the text in those with an id."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.texts: dict[str, str] = {}
        self.text = ""
        self._within: list[tuple[str, str | None]] = []
        self.feed(files[render.INDEX].decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        self.elements.append((tag, attributes))
        if tag not in ("meta", "link", "img"):
            self._within.append((tag, attributes.get("id")))

    def handle_endtag(self, tag: str) -> None:
        assert self._within.pop()[0] == tag, f"</{tag}> at {self.getpos()}"

    def handle_data(self, data: str) -> None:
        self.text += data
        for _, name in self._within:
            if name:
                self.texts[name] = self.texts.get(name, "") + data

    def of(self, tag: str, **wanted: str) -> list[dict[str, str]]:
        return [
            attributes
            for name, attributes in self.elements
            if name == tag and wanted.items() <= attributes.items()
        ]

    @property
    def main(self) -> dict[str, str]:
        (found,) = self.of("main")
        return found


def assert_public(files: Mapping[str, bytes], authority: Authority) -> None:
    """Neither as PEM nor as DER nor in base64: no key, and no certificate but the root."""
    scalar = authority.key.private_numbers().private_value.to_bytes(32, "big")
    secrets = [
        scalar,
        authority.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()),
        authority.intermediate.public_bytes(Encoding.DER),
    ]
    for name, data in files.items():
        assert b"PRIVATE KEY" not in data, name
        assert data.count(b"-----BEGIN") == (name == render.PEM), name
        joined = b"".join(data.split())  # a property list breaks its lines
        for secret in secrets:
            assert secret not in data, name
            assert secret.hex().encode() not in data.lower(), name
            assert base64.b64encode(secret)[:40] not in joined, name
