"""Leaves, which trustme issues from the intermediate for 90 days.

trustme does not check the names (certs.hosts does), and leaves the intermediate out of
the chain (this module adds it).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import trustme
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    pkcs12,
)
from cryptography.x509.oid import NameOID

from certs.authority import UNREADABLE, Authority

LIFETIME = timedelta(days=90)
RENEW_BEFORE = timedelta(days=30)
# Not a secret: the mode of the file protects the key, as it does for privkey.pem. Java needs a
# password of at least six characters, and uses this one for its own keystores.
P12_PASSWORD = "changeit"  # noqa: S105
P12_ALIAS = "wss-stack"
_CLOCK_SKEW = timedelta(hours=1)


def issue(authority: Authority, sans: Sequence[str], now: datetime | None = None) -> bytes:
    """A new key and leaf as one PEM: the key, the leaf, the intermediate.

    sans: the names and addresses of Hosts.sans(), checked already. A leaf is not valid
        for longer than the authority.
    """
    now = now or datetime.now(UTC)
    ca = trustme.CA.from_pem(authority.intermediate_pem(), authority.key_pem())
    leaf = ca.issue_cert(
        *sans,
        common_name=sans[0],
        organization_name="wss-stack",
        organization_unit_name="leaf",
        not_before=now - _CLOCK_SKEW,
        not_after=min(now + LIFETIME, authority.expires),
        key_type=trustme.KeyType.ECDSA,
    )
    chain = b"".join(pem.bytes() for pem in leaf.cert_chain_pems)
    return leaf.private_key_pem.bytes() + chain + authority.intermediate_pem()


def certificate(data: bytes) -> x509.Certificate:
    """The leaf's certificate in the bytes that issue returned. Raises ValueError."""
    return x509.load_pem_x509_certificate(data)


def foreign(data: bytes) -> str | None:
    """Returns "damaged" or "foreign" for data that is not a leaf of this project, else None.

    Age, hosts and authority do not matter here. A foreign file belongs to somebody and
    must not be overwritten.
    """
    spki = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    try:
        found = x509.load_pem_x509_certificates(data)
        key = load_pem_private_key(data, password=None)
        certified = found[0].public_key().public_bytes(*spki)
        organization = found[0].subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    except UNREADABLE:
        return "damaged"
    if key.public_key().public_bytes(*spki) != certified:
        return "damaged"
    if [attribute.value for attribute in organization] != ["wss-stack"] or len(found) != 2:
        return "foreign"
    return None


def stale(
    data: bytes,
    authority: Authority,
    sans: Sequence[str],
    now: datetime | None = None,
    since: datetime | None = None,
) -> str | None:
    """The reason to replace a leaf of this project, in words; None if there is none.

    since: when trust in the root last changed. A browser remembers for half an hour
        whether it trusted a leaf, and checks only a new leaf at once.
    Raises ValueError for bytes that are not a certificate.
    """
    now = now or datetime.now(UTC)
    leaf, *chain = x509.load_pem_x509_certificates(data)
    try:
        leaf.verify_directly_issued_by(authority.intermediate)
    except (*UNREADABLE, InvalidSignature):
        return "it is not from this authority"
    if chain != [authority.intermediate]:
        return "its chain lacks the intermediate"
    if sans_of(leaf) != set(sans):
        return "it is for other hosts"
    if now < leaf.not_valid_before_utc:
        return "its validity has not begun (was the clock set back?)"
    if since and leaf.not_valid_before_utc + _CLOCK_SKEW < since:
        return "trust in the root has changed since"
    end = leaf.not_valid_after_utc
    if end <= now:
        return f"it expired on {end:%Y-%m-%d}"
    # Near its own end, an authority can only issue short leaves: a new one would
    # end no later than this one.
    if end - now < RENEW_BEFORE and end < authority.expires:
        return f"it expires on {end:%Y-%m-%d}"
    return None


def sans_of(leaf: x509.Certificate) -> set[str]:
    """The subject alternative names of a certificate, as text; possibly none."""
    try:
        extension = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return set()
    return {str(name.value) for name in extension.value}


def split(data: bytes) -> tuple[bytes, bytes]:
    """The key and the chain from the bytes that issue returned, each as PEM."""
    key = load_pem_private_key(data, password=None)
    chain = x509.load_pem_x509_certificates(data)
    return (
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        b"".join(part.public_bytes(Encoding.PEM) for part in chain),
    )


def as_pkcs12(data: bytes) -> bytes:
    """The key and the chain as PKCS#12, for servers in Java and .NET."""
    key = load_pem_private_key(data, password=None)
    first, *rest = x509.load_pem_x509_certificates(data)
    if not isinstance(key, EllipticCurvePrivateKey):
        raise TypeError(f"the leaf's key is a {type(key).__name__}; trustme makes EC keys")
    encryption = BestAvailableEncryption(P12_PASSWORD.encode())
    return pkcs12.serialize_key_and_certificates(P12_ALIAS.encode(), key, first, rest, encryption)
