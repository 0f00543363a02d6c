"""What is claimed of certificates and of the folders they are minted into."""

from __future__ import annotations

import ipaddress
import os
import ssl
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from cryptography.x509.verification import Criticality, ExtensionPolicy, PolicyBuilder, Store

import certs.settings
from certs import authority as authorities
from certs import ca_home, leaf, leaf_dir
from certs.authority import Authority
from certs.files import Owner
from certs.hosts import parse
from certs.permitted import Permitted, parse_permit
from certs.settings import Settings
from tests.support.rotting import rotten

E = TypeVar("E", bound=x509.ExtensionType)


def settings(
    folder: Path,
    hosts: str = "",
    permit: str = "",
    ca_owner: Owner | None = None,
    leaf_owner: Owner | None = None,
) -> Settings:
    """Everything in this folder: the authority in ca, the leaf in leaf."""
    parsed = parse(hosts), parse_permit(permit)
    return Settings(*parsed, folder / "ca", folder / "leaf", ca_owner, leaf_owner)


def environment(folder: Path, **changed: str) -> dict[str, str]:
    """For a process with the same folders; the checkout's own .env has no say."""
    ours = {"CA_HOME": str(folder / "ca"), "LEAF_DIR": str(folder / "leaf")}
    plain = {"HOSTS": "", "PERMIT": "", "SUDO_UID": ""}
    path = {"PYTHONPATH": str(certs.dotenv.CHECKOUT)}
    return {**os.environ, **plain, **path, **ours, **changed}


def python(code: str, *arguments: str) -> list[str]:
    return [sys.executable, "-W", "error", "-c", code, *arguments]


def read_authority(folder: Path) -> Authority:
    return authorities.load((folder / "ca" / ca_home.AUTHORITY).read_bytes(), datetime.now(UTC))


def extension(certificate: x509.Certificate, kind: type[E], *, critical: bool) -> E:
    found = certificate.extensions.get_extension_for_class(kind)
    assert found.critical is critical, f"{kind.__name__}: critical is {found.critical}"
    return found.value


def common_name(certificate: x509.Certificate) -> str:
    (attribute,) = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(attribute.value)


def public(key: object) -> bytes:
    assert isinstance(key, ec.EllipticCurvePublicKey)
    assert isinstance(key.curve, ec.SECP256R1)
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def assert_is_root(root: x509.Certificate, permitted: Permitted) -> None:
    _assert_is_ca(root, permitted, path_length=1)
    _assert_issued_by(root, root)


def assert_is_intermediate(
    certificate: x509.Certificate, root: x509.Certificate, permitted: Permitted
) -> None:
    _assert_is_ca(certificate, permitted, path_length=0)
    _assert_issued_by(certificate, root)
    usage = extension(certificate, x509.ExtendedKeyUsage, critical=False)
    assert list(usage) == [ExtendedKeyUsageOID.SERVER_AUTH]
    assert certificate.serial_number != root.serial_number
    assert public(certificate.public_key()) != public(root.public_key())


def _assert_is_ca(certificate: x509.Certificate, permitted: Permitted, path_length: int) -> None:
    basic = extension(certificate, x509.BasicConstraints, critical=True)
    assert (basic.ca, basic.path_length) == (True, path_length)
    usage = extension(certificate, x509.KeyUsage, critical=True)
    assert usage.key_cert_sign
    assert not usage.digital_signature
    constraints = extension(certificate, x509.NameConstraints, critical=True)
    assert constraints.excluded_subtrees is None
    subtrees = [tree.value for tree in constraints.permitted_subtrees or []]
    assert subtrees == [*permitted.names, *permitted.networks]
    assert not [tree for tree in subtrees if str(tree).startswith(".")]
    identifier = extension(certificate, x509.SubjectKeyIdentifier, critical=False)
    assert identifier == x509.SubjectKeyIdentifier.from_public_key(_key(certificate))


def _assert_issued_by(certificate: x509.Certificate, issuer: x509.Certificate) -> None:
    certificate.verify_directly_issued_by(issuer)
    identifier = extension(certificate, x509.AuthorityKeyIdentifier, critical=False)
    subject = extension(issuer, x509.SubjectKeyIdentifier, critical=False)
    assert identifier.key_identifier == subject.digest


def _key(certificate: x509.Certificate) -> ec.EllipticCurvePublicKey:
    key = certificate.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    return key


def assert_is_leaf(data: bytes, authority: Authority, sans: Sequence[str]) -> None:
    """As trustme issues them, from this authority, with its chain and its key."""
    certificate, *chain = x509.load_pem_x509_certificates(data)
    assert chain == [authority.intermediate]
    _assert_issued_by(certificate, authority.intermediate)
    basic = extension(certificate, x509.BasicConstraints, critical=True)
    assert not basic.ca
    names = extension(certificate, x509.SubjectAlternativeName, critical=True)
    assert [str(name.value) for name in names] == list(sans)
    assert list(extension(certificate, x509.ExtendedKeyUsage, critical=True)) == [
        ExtendedKeyUsageOID.CLIENT_AUTH,
        ExtendedKeyUsageOID.SERVER_AUTH,
        ExtendedKeyUsageOID.CODE_SIGNING,
    ]
    usage = extension(certificate, x509.KeyUsage, critical=True)
    assert usage.digital_signature
    assert not usage.key_cert_sign
    assert public(certificate.public_key())
    assert certificate.not_valid_after_utc <= authority.expires
    assert leaf.foreign(data) is None
    assert leaf.stale(data, authority, sans) is None


def assert_minted(folder: Path, hosts: str = "") -> Authority:
    """All of it, and nothing else but what was set aside: whole, and matching."""
    wanted = parse(hosts)
    authority = read_authority(folder)
    assert (folder / "ca" / ca_home.ROOT).read_bytes() == authority.root_pem()
    for name, sans in ((leaf_dir.LEAF, wanted.sans()), (leaf_dir.LEAF_NAMES, wanted.names)):
        assert_is_leaf((folder / "leaf" / name).read_bytes(), authority, sans)
    served = {path.name for path in (folder / "leaf" / leaf_dir.HOSTS).iterdir()}
    assert served == set(wanted.authorities())
    assert_no_leftovers(folder)
    return authority


def assert_no_leftovers(folder: Path) -> None:
    assert list(folder.rglob(".*")) == []


def verify(data: bytes, root: x509.Certificate, host: str) -> None:
    """As cryptography does. Raises VerificationError."""
    certificate, *chain = x509.load_pem_x509_certificates(data)
    try:
        subject: x509.DNSName | x509.IPAddress = x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        subject = x509.DNSName(host)
    ca, ee = ExtensionPolicy.webpki_defaults_ca(), ExtensionPolicy.webpki_defaults_ee()
    # Two things apart from its defaults: trustme always marks these critical.
    for kind in (x509.SubjectAlternativeName, x509.ExtendedKeyUsage):
        ee = ee.require_present(kind, Criticality.AGNOSTIC, None)
    policy = PolicyBuilder().store(Store([root])).time(datetime.now(UTC))
    policy = policy.extension_policies(ca_policy=ca, ee_policy=ee)
    policy.build_server_verifier(subject).verify(certificate, chain)


def handshake(pem: Path, root: x509.Certificate, host: str) -> None:
    """As the ssl module does, strictly; in memory. Raises SSLCertVerificationError."""
    trust = ssl.create_default_context(cadata=root.public_bytes(Encoding.PEM).decode())
    trust.verify_flags |= ssl.VERIFY_X509_STRICT
    serve = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serve.load_cert_chain(pem)
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = trust.wrap_bio(down, up, server_hostname=host)
    server = serve.wrap_bio(up, down, server_side=True)
    for end in (client, server, client):
        try:
            end.do_handshake()
        except ssl.SSLWantReadError:
            continue
    assert client.getpeercert()


def leaf_without_names() -> bytes:
    """As people made them with openssl for years: a common name alone."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now).not_valid_after(now + days(365))
    certificate = builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + certificate


def with_a_rotten_key(data: bytes) -> bytes:
    """One bit flipped, in the name of the key's curve."""
    return rotten(data, bytes.fromhex("06082a8648ce3d0301"))


def with_a_rotten_certificate(data: bytes) -> bytes:
    """One bit flipped, in the public key of the first certificate."""
    key = public(x509.load_pem_x509_certificate(data).public_key())
    return rotten(data, key[:30])


def with_a_rotten_version(data: bytes) -> bytes:
    """One bit flipped, in the version of the first certificate."""
    return rotten(data, bytes.fromhex("a0030201"))


def with_a_rotten_name(data: bytes) -> bytes:
    """One bit flipped, in the name of a leaf of ours: it is UTF-8 no more."""
    return rotten(data, b"\x0c\x04", bit=0x80)  # OU=leaf


def with_a_rotten_root(data: bytes) -> bytes:
    """One bit flipped, in the name of the curve of an authority's root."""
    root = data.rindex(b"-----BEGIN")
    return data[:root] + with_a_rotten_key(data[root:])


def days(count: int) -> timedelta:
    return timedelta(days=count)
