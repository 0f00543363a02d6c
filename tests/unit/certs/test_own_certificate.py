from __future__ import annotations

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from certs import own_certificate
from certs.errors import OwnCertificateError
from certs.own_certificate import OwnCertificate
from tests.support.own_certificates import Company, Issued

COMPANY = Company()
OTHER = Company()
ISSUED = COMPANY.issue("ws.example.com", "*.example.com", "WWW.Example.org")
NOW = datetime.now(UTC)

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey


def self_signed(
    key: Key,
    names: tuple[str, ...] = ("ws.example.com",),
    addresses: tuple[str, ...] = (),
    usage: x509.ObjectIdentifier | None = None,
) -> Issued:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "ws.example.com")])
    sans: list[x509.GeneralName] = [x509.DNSName(each) for each in names]
    sans += [x509.IPAddress(ipaddress.ip_address(each)) for each in addresses]
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(NOW - timedelta(days=1))
        .not_valid_after(NOW + timedelta(days=1))
    )
    if sans:
        builder = builder.add_extension(x509.SubjectAlternativeName(sans), critical=False)
    if usage:
        builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
    algorithm = None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    certificate = builder.sign(key, algorithm)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return Issued(pem, [certificate.public_bytes(Encoding.PEM)])


def check(issued: Issued, chain: list[bytes] | None = None) -> OwnCertificate:
    cert = b"".join(issued.chain if chain is None else chain)
    return own_certificate.check(cert, issued.key, "/x/fullchain.pem", "/x/privkey.pem")


def test_names_are_those_of_the_leaf_in_lower_case() -> None:
    assert check(ISSUED).names == ("ws.example.com", "*.example.com", "www.example.org")


def test_the_kept_file_has_the_key_then_the_chain() -> None:
    own = check(ISSUED)
    assert own.pem.index(b"PRIVATE KEY") < own.pem.index(b"CERTIFICATE")
    assert x509.load_pem_x509_certificates(own.pem) == [own.leaf, *own.chain]
    load_pem_private_key(own.pem, password=None)
    assert own_certificate.read_kept(own.pem) == own


def test_one_file_may_hold_both_in_any_order() -> None:
    chain = b"".join(ISSUED.chain)
    for both in (ISSUED.key + chain, chain + ISSUED.key):
        assert own_certificate.check(both, None, "/x/both.pem", "/x/both.pem") == check(ISSUED)


@pytest.mark.parametrize(
    "key",
    [
        ec.generate_private_key(ec.SECP256R1()),
        ec.generate_private_key(ec.SECP384R1()),
        rsa.generate_private_key(65537, 2048),
    ],
    ids=["P-256", "P-384", "RSA 2048"],
)
def test_keys_that_browsers_take_are_accepted(key: Key) -> None:
    assert check(self_signed(key)).names == ("ws.example.com",)


def test_a_root_at_the_end_is_accepted() -> None:
    assert check(ISSUED, [*ISSUED.chain, COMPANY.root_pem]).names


@pytest.mark.parametrize(
    ("name", "covered"),
    [
        ("ws.example.com", True),
        ("any.example.com", True),
        ("*.example.com", True),
        ("a.b.example.com", False),
        ("example.com", False),
        ("example.org", False),
    ],
)
def test_a_wildcard_covers_one_label(name: str, covered: bool) -> None:
    assert check(ISSUED).covers(name) is covered


@dataclass
class Bad:
    """cert and key: what the files hold; key None: CERT is to hold both."""

    cert: bytes
    key: bytes | None
    says: tuple[str, ...]


def encrypted() -> bytes:
    key = load_pem_private_key(ISSUED.key, password=None)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret"))


def of(issued: Issued, *says: str) -> Callable[[], Bad]:
    return lambda: Bad(b"".join(issued.chain), issued.key, says)


CHAIN = b"".join(ISSUED.chain)
BAD = {
    "no certificate": lambda: Bad(
        b"rubbish", ISSUED.key, ("no certificate in PEM", "openssl x509 -inform der")
    ),
    "a broken certificate": lambda: Bad(
        b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        ISSUED.key,
        ("cannot be read", "openssl crl2pkcs7"),
    ),
    "no key beside it": lambda: Bad(
        CHAIN, None, ("no private key in it", "KEY is not set", "KEY=/path/privkey.pem make up")
    ),
    "no key in KEY": lambda: Bad(
        CHAIN, CHAIN, ("KEY /x/privkey.pem has no private key", "KEY=/path")
    ),
    "a broken key": lambda: Bad(
        CHAIN,
        b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        ("key cannot be read", "openssl pkey"),
    ),
    "an encrypted key": lambda: Bad(
        CHAIN, encrypted(), ("is encrypted", "openssl pkey -in /x/privkey.pem")
    ),
    "the key of another": lambda: Bad(
        CHAIN,
        COMPANY.issue("ws.example.com").key,
        ("KEY /x/privkey.pem belongs to another", "openssl pkey"),
    ),
    "the leaf not first": lambda: Bad(
        b"".join(reversed(ISSUED.chain)), ISSUED.key, ("the leaf is certificate 2", "cat leaf.pem")
    ),
    "a chain out of order": lambda: Bad(
        ISSUED.chain[0] + COMPANY.root_pem + ISSUED.chain[1],
        ISSUED.key,
        ("out of order", "certificate 2", "cat leaf.pem intermediate.pem"),
    ),
    "the chain of another": lambda: Bad(
        ISSUED.chain[0] + OTHER.issue("a.b").chain[1], ISSUED.key, ("out of order", "did not sign")
    ),
    "RSA of 1024 bits": of(
        self_signed(rsa.generate_private_key(65537, 1024)),  # noqa: S505 # it is refused
        "RSA of 1024 bits",
        "openssl ecparam",
    ),
    "P-521": of(self_signed(ec.generate_private_key(ec.SECP521R1())), "EC on secp521r1"),
    "Ed25519": of(self_signed(ed25519.Ed25519PrivateKey.generate()), "Ed25519", "browsers refuse"),
    "no name": of(
        self_signed(ec.generate_private_key(ec.SECP256R1()), ()), "for no DNS name", "openssl x509"
    ),
    "addresses alone": of(
        self_signed(ec.generate_private_key(ec.SECP256R1()), (), ("192.0.2.1",)), "for no DNS name"
    ),
    "a name that is a path": of(
        self_signed(ec.generate_private_key(ec.SECP256R1()), ("../leaf.pem",)), "for no DNS name"
    ),
    "for clients": of(
        self_signed(ec.generate_private_key(ec.SECP256R1()), usage=ExtendedKeyUsageOID.CLIENT_AUTH),
        "lacks serverAuth",
    ),
}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
def test_a_bad_file_is_refused_with_the_file_and_a_command(bad: Callable[[], Bad]) -> None:
    wanted = bad()
    key_file = "/x/privkey.pem" if wanted.key else "/x/fullchain.pem"
    with pytest.raises(OwnCertificateError) as caught:
        own_certificate.check(wanted.cert, wanted.key, "/x/fullchain.pem", key_file)
    assert "/x/" in str(caught.value)
    for says in wanted.says:
        assert says in str(caught.value)


def test_an_expired_certificate_is_refused() -> None:
    own = check(COMPANY.issue("ws.example.com", days=-1))
    with pytest.raises(OwnCertificateError, match=r"expired on .*certbot renew"):
        own_certificate.check_time(own.leaf, "/x/fullchain.pem", NOW)
    own_certificate.check_time(own.leaf, "/x/fullchain.pem", NOW - timedelta(days=2))


def test_a_certificate_of_the_future_is_refused() -> None:
    with pytest.raises(OwnCertificateError, match=r"valid from .*timedatectl"):
        own_certificate.check_time(check(ISSUED).leaf, "/x/full.pem", NOW - timedelta(days=60))


def test_days_left_are_whole_days() -> None:
    assert check(ISSUED).days_left(NOW - timedelta(hours=1)) == 60


def test_a_late_renewal_is_a_warning() -> None:
    own = check(ISSUED)  # 90 days in all, 60 left
    assert own.warnings("/x/full.pem", NOW) == []
    (warning,) = own.warnings("/x/full.pem", NOW + timedelta(days=50))
    assert "no newer one has come" in warning


def test_a_leaf_without_its_public_chain_is_a_warning() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    where = x509.AuthorityInformationAccess(
        [
            x509.AccessDescription(
                x509.oid.AuthorityInformationAccessOID.CA_ISSUERS,
                x509.UniformResourceIdentifier("http://r10.i.lencr.example/"),
            )
        ]
    )
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "x")])
    leaf = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, NOW, NOW + timedelta(days=90))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("x.example")]), critical=False)
        .add_extension(where, critical=False)
        .sign(key, hashes.SHA256())
    )
    own = OwnCertificate(b"", leaf, (), ("x.example",))
    (warning,) = own.warnings("/x/cert.pem", NOW)
    assert "fullchain.pem" in warning
