"""The authority: a root that clients trust, and an intermediate that signs leaves.

Both have name constraints (RFC 5280, section 4.2.1.10), so that a client which
trusts the root trusts it only for names and addresses that nobody owns. Both,
because Java checks the constraints of intermediates alone. The root's key signs
the intermediate and is then lost: nothing ever writes it to a file.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from certs.errors import RefusalError
from certs.permitted import Permitted

LIFETIME = timedelta(days=3650)
WARN_BEFORE = timedelta(days=90)
# Clocks of containers and virtual machines lag after a suspend.
CLOCK_SKEW = timedelta(days=1)
# The errors that cryptography raises for bytes that are not a valid certificate.
UNREADABLE = (
    ValueError,
    TypeError,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.ExtensionNotFound,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)
_COMMON_NAME_LIMIT = 64  # RFC 5280, appendix A: ub-common-name


class AuthorityError(RefusalError, ValueError):
    """Bytes that are not an authority of this project. `kind` is one word for it:
    damaged, foreign or expired."""

    def __init__(self, kind: str, why: str) -> None:
        super().__init__(why)
        self.kind = kind


@dataclass(frozen=True)
class Authority:
    """The content of authority.pem."""

    key: ec.EllipticCurvePrivateKey  # the intermediate's
    intermediate: x509.Certificate
    root: x509.Certificate

    @property
    def name(self) -> str:
        """The root's common name, as trust stores show it."""
        return str(self.root.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the root certificate, in hexadecimal pairs."""
        return self.root.fingerprint(hashes.SHA256()).hex(":").upper()

    @property
    def expires(self) -> datetime:
        """The time from which one of the two certificates is no longer valid (UTC)."""
        return min(self.root.not_valid_after_utc, self.intermediate.not_valid_after_utc)

    @property
    def begins(self) -> datetime:
        """The time from which both certificates are valid (UTC)."""
        return max(self.root.not_valid_before_utc, self.intermediate.not_valid_before_utc)

    @property
    def permitted(self) -> Permitted:
        """The names and networks that the intermediate permits."""
        trees = _constraints(self.intermediate)
        return Permitted(
            tuple(tree.value for tree in trees if isinstance(tree, x509.DNSName)),
            tuple(
                tree.value
                for tree in trees
                if isinstance(tree, x509.IPAddress)
                and isinstance(tree.value, ipaddress.IPv4Network | ipaddress.IPv6Network)
            ),
        )

    def root_pem(self) -> bytes:
        return self.root.public_bytes(Encoding.PEM)

    def intermediate_pem(self) -> bytes:
        return self.intermediate.public_bytes(Encoding.PEM)

    def key_pem(self) -> bytes:
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    def dump(self) -> bytes:
        """The bytes of authority.pem: the intermediate's key, the intermediate, the root."""
        return self.key_pem() + self.intermediate_pem() + self.root_pem()


def load(data: bytes, now: datetime) -> Authority:
    """Reads the bytes that dump wrote. Raises AuthorityError for any others."""
    try:
        key = load_pem_private_key(data, password=None)
        certificates = x509.load_pem_x509_certificates(data)
    except UNREADABLE as error:
        raise AuthorityError("damaged", f"it cannot be read ({error})") from None
    if len(certificates) != 2 or not isinstance(key, ec.EllipticCurvePrivateKey):
        raise AuthorityError(
            "foreign",
            "this project did not make it: not a P-256 key and two certificates",
        )
    authority = Authority(key, *certificates)
    try:
        _constraints(authority.intermediate)
        authority.intermediate.verify_directly_issued_by(authority.root)
    except (*UNREADABLE, InvalidSignature):
        raise AuthorityError(
            "foreign",
            "this project did not make it: no name constraints, or not signed by its root",
        ) from None
    if _public(key.public_key()) != _public(authority.intermediate.public_key()):
        raise AuthorityError("damaged", "its key and its certificate do not belong together")
    if authority.expires <= now:
        raise AuthorityError("expired", f"it expired on {authority.expires:%Y-%m-%d}")
    return authority


def mint(permitted: Permitted, who: str, now: datetime | None = None) -> Authority:
    """Makes a new authority that signs what `permitted` says, for ten years.

    who: shown in the root's name, `user@host`; cut where the name gets too long.
    """
    now = now or datetime.now(UTC)
    root_key = ec.generate_private_key(ec.SECP256R1())
    key = ec.generate_private_key(ec.SECP256R1())
    # Each root has its own name, because some stores compare names alone: NSS would
    # keep a new root under the old one's nickname.
    short = x509.SubjectKeyIdentifier.from_public_key(root_key.public_key()).digest.hex()[:8]
    root_name = _name(f"wss-stack root {short}", who)
    root = _builder(root_name, root_name, root_key, root_key, permitted, now, path_length=1).sign(
        root_key, hashes.SHA256()
    )
    name = _name(f"wss-stack intermediate {short}", who)
    intermediate = (
        _builder(name, root_name, key, root_key, permitted, now, path_length=0)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(root_key, hashes.SHA256())
    )
    return Authority(key, intermediate, root)


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    issuer_key: ec.EllipticCurvePrivateKey,
    permitted: Permitted,
    now: datetime,
    path_length: int,
) -> x509.CertificateBuilder:
    subtrees: list[x509.GeneralName] = [x509.DNSName(name) for name in permitted.names]
    # Addresses too: constraints on names alone leave every address open.
    subtrees += [x509.IPAddress(network) for network in permitted.networks]
    issuer_identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCK_SKEW)
        .not_valid_after(now + LIFETIME)
        .add_extension(x509.BasicConstraints(ca=True, path_length=path_length), critical=True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=False,
                content_commitment=False,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=False,
                key_cert_sign=True,
                crl_sign=True,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
        .add_extension(x509.NameConstraints(subtrees, excluded_subtrees=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(issuer_identifier, critical=False)
    )


def _name(name: str, who: str) -> x509.Name:
    room = _COMMON_NAME_LIMIT - len(name) - len(" ()")
    # The limit counts bytes; errors="ignore" drops a letter that is cut in two.
    common_name = f"{name} ({who.encode()[:room].decode(errors='ignore')})"
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "wss-stack"),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def _constraints(certificate: x509.Certificate) -> list[x509.GeneralName]:
    extension = certificate.extensions.get_extension_for_class(x509.NameConstraints)
    return list(extension.value.permitted_subtrees or [])


def _public(key: object) -> bytes:
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise AuthorityError("foreign", "this project did not make it: its key is not P-256")
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
