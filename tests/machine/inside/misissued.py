"""Run in the machine: serves leaves that our intermediate must not be able to sign.

Signs each with the authority's real key, without the project's own checks, and
serves it on a port of its own. Prints the ports as JSON, then serves until its
standard input ends.
"""

from __future__ import annotations

import asyncio
import ipaddress
import json
import ssl
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.http11 import Request, Response

from certs import authority as authorities
from certs.authority import Authority


def issue(authority: Authority, common_name: str, *sans: x509.GeneralName) -> bytes:
    """As nobody should: whatever is asked for. The key, the leaf, the intermediate."""
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.now(UTC)
    issuer = authority.intermediate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    identifier = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(issuer.value)
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)]))
        .issuer_name(authority.intermediate.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(identifier, critical=False)
        .add_extension(usage, critical=False)
    )
    if sans:
        builder = builder.add_extension(x509.SubjectAlternativeName(sans), critical=False)
    certificate = builder.sign(authority.key, hashes.SHA256())
    key_pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return key_pem + certificate.public_bytes(Encoding.PEM) + authority.intermediate_pem()


def leaves(authority: Authority) -> dict[str, bytes]:
    """The first one is as it should be: what accepts nothing proves nothing."""
    ours, public = x509.DNSName("localhost"), x509.DNSName("example.com")
    address = x509.IPAddress(ipaddress.ip_address("8.8.8.8"))
    # OpenSSL and GnuTLS hold a common name to the constraints too: one that may be
    # signed leaves it to the alternative name or address to be refused.
    return {
        "good": issue(authority, "localhost", ours),
        "public name": issue(authority, "localhost", public),
        "public name beside ours": issue(authority, "localhost", ours, public),
        "public address": issue(authority, "localhost", address),
        "common name only": issue(authority, "example.com"),
    }


def page(connection: ServerConnection, request: Request) -> Response | None:
    upgrade = request.headers.get("Upgrade") is not None
    return None if upgrade else connection.respond(HTTPStatus.OK, "answers\n")


async def echo(connection: ServerConnection) -> None:
    async for message in connection:
        await connection.send(message)


async def start(pem: bytes) -> Server:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.NamedTemporaryFile() as file:  # 0600
        file.write(pem)
        file.flush()
        context.load_cert_chain(file.name)
    return await serve(echo, "0.0.0.0", 0, ssl=context, process_request=page)  # noqa: S104


async def main(path: Path) -> None:
    authority = authorities.load(path.read_bytes(), datetime.now(UTC))
    servers = {name: await start(pem) for name, pem in leaves(authority).items()}
    ports = {name: server.sockets[0].getsockname()[1] for name, server in servers.items()}
    print(json.dumps(ports), flush=True)
    await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
