"""The key of CERT: read, and compared with the certificate."""

from __future__ import annotations

from collections.abc import Sequence

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)

from certs.errors import OwnCertificateError

_CURVES = (ec.SECP256R1, ec.SECP384R1)
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


def load(data: bytes, cert_file: str, key_file: str, *, alone: bool) -> Key:
    """The key in the content of KEY, or of CERT alone. Raises OwnCertificateError."""
    if b"PRIVATE KEY-----" not in data:
        raise OwnCertificateError(
            f"CERT {cert_file} has no private key in it, and KEY is not set. Name the key's file: "
            "KEY=/path/privkey.pem make up"
            if alone
            else f"KEY {key_file} has no private key in PEM form (-----BEGIN PRIVATE KEY-----). "
            "Name the file that has: KEY=/path/privkey.pem make up"
        )
    which = "CERT" if alone else "KEY"
    try:
        found = load_pem_private_key(data, password=None)
    except TypeError:
        raise OwnCertificateError(
            f"{which} {key_file}: its key is encrypted, and nobody is there to type the password "
            f"at a renewal. Write it without: openssl pkey -in {key_file} -out privkey.pem"
        ) from None
    except (ValueError, UnsupportedAlgorithm) as error:
        raise OwnCertificateError(
            f"{which} {key_file}: its key cannot be read ({error}). See what OpenSSL says: "
            f"openssl pkey -in {key_file} -noout -check"
        ) from None
    if isinstance(found, rsa.RSAPrivateKey):
        kind, usable = f"RSA of {found.key_size} bits", found.key_size >= 2048
    elif isinstance(found, ec.EllipticCurvePrivateKey):
        kind, usable = f"EC on {found.curve.name}", isinstance(found.curve, _CURVES)
    else:
        kind, usable = type(found).__name__.removesuffix("PrivateKey"), False
    if usable and isinstance(found, Key):
        return found
    raise OwnCertificateError(
        f"{which} {key_file}: its key is {kind}, which browsers refuse. They take EC on P-256 or "
        "P-384, and RSA of 2048 bits or more. Have it issued for such a key: certbot certonly "
        "--key-type ecdsa; or openssl ecparam -name prime256v1 -genkey -noout -out privkey.pem"
    )


def check_first(
    key: Key,
    certificates: Sequence[x509.Certificate],
    cert_file: str,
    key_file: str,
) -> None:
    """Raises OwnCertificateError unless the key is that of the first certificate."""
    form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    public = key.public_key().public_bytes(*form)
    fits = [each.public_key().public_bytes(*form) == public for each in certificates]
    if fits[0]:
        return
    if any(fits):
        place = fits.index(True) + 1
        raise OwnCertificateError(
            f"CERT {cert_file}: the leaf is certificate {place} in it, and servers send it first. "
            f"Write it first, then its issuer: cat leaf.pem chain.pem > {cert_file}"
        )
    where = f"KEY {key_file}" if key_file != cert_file else "its key"
    raise OwnCertificateError(
        f"CERT {cert_file}: {where} belongs to another certificate. These two lines are equal "
        f"where they fit: openssl pkey -in {key_file} -pubout | openssl sha256; openssl x509 -in "
        f"{cert_file} -noout -pubkey | openssl sha256"
    )
