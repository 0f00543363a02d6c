"""CERT and KEY: a certificate that another authority issued, checked before nginx gets it.

All functions here are pure; certs.own_files reads and writes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID

from certs import own_key
from certs.authority import UNREADABLE
from certs.errors import OwnCertificateError

# A name becomes the name of a file, and a part of nginx's configuration.
_NAME = re.compile(r"(\*\.)?[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*")
_WARN_AT = 0.2  # of its lifetime; ACME clients renew with a third left


@dataclass(frozen=True)
class OwnCertificate:
    """A certificate that nginx can serve.

    pem: the key, the leaf, its chain. names: DNS names in lower case, possibly `*.` in front.
    """

    pem: bytes
    leaf: x509.Certificate
    chain: tuple[x509.Certificate, ...]
    names: tuple[str, ...]

    @property
    def sha256(self) -> str:
        return self.leaf.fingerprint(hashes.SHA256()).hex(":").upper()

    def days_left(self, now: datetime) -> int:
        return (self.leaf.not_valid_after_utc - now).days

    def covers(self, name: str) -> bool:
        """Whether the certificate is for this name, or for this wildcard."""
        return name in self.names or f"*.{name.partition('.')[2]}" in self.names

    def warnings(self, cert: str, now: datetime) -> list[str]:
        """What is not wrong yet. cert: the file's name."""
        found = []
        end = self.leaf.not_valid_after_utc
        if end - now < _WARN_AT * (end - self.leaf.not_valid_before_utc):
            found.append(
                f"CERT {cert} expires on {end:%Y-%m-%d}, and no newer one has come: see what its "
                "ACME client or authority says of the renewal"
            )
        if not self.chain and _has_issuer_elsewhere(self.leaf):
            found.append(
                f"CERT {cert} has no intermediate after the leaf: browsers may fetch it, other "
                "clients refuse. Name the file with the whole chain (of certbot: fullchain.pem)"
            )
        return found


def check(cert: bytes, key: bytes | None, cert_file: str, key_file: str) -> OwnCertificate:
    """The certificate in the content of CERT and KEY, of whatever age: see check_time.

    key: None where CERT holds both.

    cert_file and key_file: their names in messages. Raises OwnCertificateError.
    """
    certificates = _certificates(cert, cert_file)
    private = own_key.load(cert if key is None else key, cert_file, key_file, alone=key is None)
    own_key.check_first(private, certificates, cert_file, key_file)
    _check_order(certificates, cert_file)
    first, *chain = certificates
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    pem += b"".join(each.public_bytes(Encoding.PEM) for each in certificates)
    return OwnCertificate(pem, first, tuple(chain), _names(first, cert_file))


def read_kept(pem: bytes) -> OwnCertificate | None:
    """The certificate in the bytes of OwnCertificate.pem, of whatever age; None for others."""
    try:
        first, *chain = x509.load_pem_x509_certificates(pem)
        return OwnCertificate(pem, first, tuple(chain), _names(first, ""))
    except (*UNREADABLE, OwnCertificateError):
        return None


def _certificates(data: bytes, file: str) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(data)
    except UNREADABLE as error:
        if b"-----BEGIN CERTIFICATE-----" in data:
            raise OwnCertificateError(
                f"CERT {file}: a certificate in it cannot be read ({error}). See which: openssl "
                f"crl2pkcs7 -nocrl -certfile {file} | openssl pkcs7 -print_certs -noout"
            ) from None
        raise OwnCertificateError(
            f"CERT {file} has no certificate in PEM form (-----BEGIN CERTIFICATE-----). From "
            f"DER: openssl x509 -inform der -in {file} -out fullchain.pem. From PKCS#12: openssl "
            f"pkcs12 -in {file} -nodes -out fullchain.pem"
        ) from None


def _check_order(certificates: Sequence[x509.Certificate], file: str) -> None:
    for place, (each, issuer) in enumerate(pairwise(certificates), 1):
        try:
            each.verify_directly_issued_by(issuer)
        except UnsupportedAlgorithm:
            continue  # the names fit
        except (*UNREADABLE, InvalidSignature):
            raise OwnCertificateError(
                f"CERT {file}: its chain is out of order. Certificate {place} is issued by "
                f"{_called(each.issuer)!r}, and certificate {place + 1}, "
                f"{_called(issuer.subject)!r}, did not sign it. Write each one's issuer after it: "
                f"cat leaf.pem intermediate.pem > {file}"
            ) from None


def check_time(certificate: x509.Certificate, file: str, now: datetime) -> None:
    """Raises OwnCertificateError for a certificate that is not valid now."""
    begin, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if end <= now:
        raise OwnCertificateError(
            f"CERT {file} expired on {end:%Y-%m-%d %H:%M} UTC. Renew it; certbot renew does that "
            "for a certificate of certbot. The new file counts by itself"
        )
    if now < begin:
        raise OwnCertificateError(
            f"CERT {file} is valid from {begin:%Y-%m-%d %H:%M} UTC on, and this machine's clock "
            f"says {now:%Y-%m-%d %H:%M}. If the clock is wrong: sudo timedatectl set-ntp true"
        )


def _names(certificate: x509.Certificate, file: str) -> tuple[str, ...]:
    try:
        extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
        found = [name.lower() for name in extension.value.get_values_for_type(x509.DNSName)]
    except UNREADABLE:
        found = []
    names = tuple(dict.fromkeys(name for name in found if _NAME.fullmatch(name)))
    if not names:
        raise OwnCertificateError(
            f"CERT {file} is for no DNS name (subjectAltName), and nginx picks a certificate by "
            f"the name that a client sends. See its names: openssl x509 -in {file} -noout -ext "
            "subjectAltName"
        )
    try:
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except UNREADABLE:
        return names
    if not {ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE} & {*usage}:
        raise OwnCertificateError(
            f"CERT {file} is not for servers: its extended key usage lacks serverAuth. Ask its "
            f"authority for one that has it. See: openssl x509 -in {file} -noout -ext "
            "extendedKeyUsage"
        )
    return names


def _has_issuer_elsewhere(certificate: x509.Certificate) -> bool:
    """Whether the certificate says where its issuer's can be fetched (RFC 5280, section
    4.2.2.1), as those of public authorities do."""
    try:
        access = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess)
    except UNREADABLE:
        return False
    return any(
        each.access_method == AuthorityInformationAccessOID.CA_ISSUERS for each in access.value
    )


def _called(name: x509.Name) -> str:
    return name.rfc4514_string()
