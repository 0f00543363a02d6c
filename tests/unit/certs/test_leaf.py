from __future__ import annotations

import functools
import ssl
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509.verification import VerificationError

from certs import authority as authorities
from certs import leaf
from certs.authority import Authority
from certs.hosts import parse
from certs.permitted import Permitted, parse_permit
from tests.support.certificates import (
    assert_is_leaf,
    common_name,
    days,
    handshake,
    public,
    verify,
    with_a_rotten_certificate,
    with_a_rotten_key,
    with_a_rotten_name,
    with_a_rotten_version,
)

NOW = datetime.now(UTC)
HOSTS = parse("api.localhost *.app.localhost fd00::7")
SANS = HOSTS.sans()


@functools.cache
def mine(age: int = 0, permit: str = "") -> Authority:
    return authorities.mint(parse_permit(permit), "ada@engine", NOW - days(age))


def check(data: bytes, root: x509.Certificate, host: str, folder: Path) -> None:
    """Both ways of verifying."""
    verify(data, root, host)
    (folder / "leaf.pem").write_bytes(data)
    handshake(folder / "leaf.pem", root, host)


@pytest.mark.parametrize("sans", [SANS, HOSTS.names, ("localhost",), ("fd00::7", "localhost")])
def test_a_leaf_is_as_trustme_issues_it(sans: Sequence[str]) -> None:
    data = leaf.issue(mine(), sans)
    assert_is_leaf(data, mine(), sans)
    found = leaf.certificate(data)
    assert common_name(found) == sans[0]
    assert leaf.sans_of(found) == set(sans)


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1", "::1", "api.localhost", "x.app.localhost", "fd00::7"]
)
def test_a_leaf_verifies_for_each_of_its_hosts(host: str, tmp_path: Path) -> None:
    check(leaf.issue(mine(), SANS), mine().root, host, tmp_path)


@pytest.mark.parametrize("host", ["other.localhost", "app.localhost", "127.0.0.2"])
def test_a_leaf_verifies_for_no_other_host(host: str, tmp_path: Path) -> None:
    data = leaf.issue(mine(), SANS)
    with pytest.raises(VerificationError):
        verify(data, mine().root, host)
    with pytest.raises(ssl.SSLCertVerificationError, match="mismatch"):
        check_ssl(data, mine().root, host, tmp_path)


def check_ssl(data: bytes, root: x509.Certificate, host: str, folder: Path) -> None:
    (folder / "leaf.pem").write_bytes(data)
    handshake(folder / "leaf.pem", root, host)


BEYOND = {
    "a public name": (("example.com",), "example.com"),
    "ours beside a public name": (("localhost", "example.com"), "localhost"),
    "a name that only ends alike": (("notlocalhost",), "notlocalhost"),
    # Beside a name: OpenSSL takes a common name of 8.8.8.8 for a name where none is.
    "a public address": (("localhost", "8.8.8.8"), "8.8.8.8"),
    "ours beside a public address": (("localhost", "8.8.8.8"), "localhost"),
    "a public IPv6 address": (("2001:4860:4860::8888",), "2001:4860:4860::8888"),
}


@pytest.mark.parametrize(("sans", "host"), BEYOND.values(), ids=BEYOND)
def test_host_that_the_constraints_leave_out_verifies_nowhere(
    sans: Sequence[str], host: str, tmp_path: Path
) -> None:
    data = leaf.issue(mine(), sans)
    with pytest.raises(VerificationError, match="permitted"):
        verify(data, mine().root, host)
    with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree violation"):
        check_ssl(data, mine().root, host, tmp_path)
    # It is the constraints that refuse it: with wider ones it verifies.
    wide = mine(permit="example.com notlocalhost 8.8.8.8 2001:4860::/32")
    check(leaf.issue(wide, sans), wide.root, host, tmp_path)


def test_a_leaf_verifies_with_no_other_root(tmp_path: Path) -> None:
    other = authorities.mint(Permitted(), "eve@elsewhere")
    data = leaf.issue(mine(), SANS)
    with pytest.raises(VerificationError):
        verify(data, other.root, "localhost")
    with pytest.raises(ssl.SSLCertVerificationError, match="unable to get local issuer"):
        check_ssl(data, other.root, "localhost", tmp_path)


def test_a_leaf_lasts_90_days() -> None:
    found = leaf.certificate(leaf.issue(mine(), SANS, NOW))
    assert found.not_valid_after_utc == NOW.replace(microsecond=0) + days(90)
    assert NOW - days(1) < found.not_valid_before_utc < NOW


@pytest.mark.parametrize("left", [1, 29, 31, 89])
def test_a_leaf_never_outlives_its_authority(left: int) -> None:
    old = mine(age=3650 - left)
    data = leaf.issue(old, SANS, NOW)
    assert leaf.certificate(data).not_valid_after_utc == old.expires
    # Nothing better can be issued, so it is not issued again and again.
    assert leaf.stale(data, old, SANS, NOW) is None


def without_intermediate() -> bytes:
    data = leaf.issue(mine(), SANS)
    return data.removesuffix(mine().intermediate_pem())


STALE: dict[str, tuple[Callable[[], bytes], str]] = {
    "from another authority": (
        lambda: leaf.issue(mine(age=1), SANS),
        "not from this authority",
    ),
    "not from any": (
        lambda: trustme.CA().issue_cert(*SANS).private_key_and_cert_chain_pem.bytes(),
        "not from this authority",
    ),
    "without the intermediate": (without_intermediate, "lacks the intermediate"),
    "with more than that": (
        lambda: leaf.issue(mine(), SANS) + mine().root_pem(),
        "lacks the intermediate",
    ),
    "for one host less": (lambda: leaf.issue(mine(), SANS[:-1]), "other hosts"),
    "for one host more": (lambda: leaf.issue(mine(), [*SANS, "a.test"]), "other hosts"),
    "expired": (lambda: leaf.issue(mine(), SANS, NOW - days(91)), "expired on"),
    "expires in 29 days": (lambda: leaf.issue(mine(), SANS, NOW - days(61)), "expires on"),
    "from the future": (lambda: leaf.issue(mine(), SANS, NOW + days(1)), "clock set back"),
}


@pytest.mark.parametrize(("made", "why"), STALE.values(), ids=STALE)
def test_stale_leaf_is_said_with_the_reason(made: Callable[[], bytes], why: str) -> None:
    assert why in (leaf.stale(made(), mine(), SANS, NOW) or "fresh")


@pytest.mark.parametrize("age", [0, 1, 59])
def test_fresh_leaf_is_left_alone(age: int) -> None:
    data = leaf.issue(mine(age=100), SANS, NOW - days(age))
    assert leaf.stale(data, mine(age=100), tuple(reversed(SANS)), NOW) is None


def test_renewal_begins_with_30_days_left() -> None:
    data = leaf.issue(mine(), SANS, NOW)
    assert leaf.stale(data, mine(), SANS, NOW + days(59)) is None
    assert "expires on" in (leaf.stale(data, mine(), SANS, NOW + days(61)) or "fresh")
    assert "expired on" in (leaf.stale(data, mine(), SANS, NOW + days(90)) or "fresh")


def test_a_leaf_of_a_dying_authority_still_expires() -> None:
    dying = mine(age=3640)
    data = leaf.issue(dying, SANS, NOW)
    assert leaf.stale(data, dying, SANS, NOW + days(9)) is None
    assert "expired on" in (leaf.stale(data, dying, SANS, NOW + days(10)) or "fresh")


@pytest.mark.parametrize("data", [b"", b"garbage", b"\x00\xff" * 99], ids=repr)
def test_file_without_a_certificate_is_an_error(data: bytes) -> None:
    with pytest.raises(ValueError, match="PEM"):
        leaf.stale(data, mine(), SANS, NOW)
    with pytest.raises(ValueError, match="PEM"):
        leaf.certificate(data)


@pytest.mark.parametrize(
    "data",
    [
        leaf.issue(mine(), SANS),
        leaf.issue(mine(), ["other.test"]),
        leaf.issue(mine(age=1), SANS),
        leaf.issue(mine(age=100), SANS, NOW - days(91)),
    ],
    ids=["current", "for other hosts", "of another authority", "expired"],
)
def test_leaf_of_this_project_is_not_foreign(data: bytes) -> None:
    assert leaf.foreign(data) is None


def bought() -> bytes:
    """A leaf of somebody else, with one intermediate as well."""
    child = trustme.CA().create_child_ca()
    return child.issue_cert("example.com").private_key_and_cert_chain_pem.bytes()


FOREIGN: dict[str, tuple[Callable[[], bytes], str]] = {
    "bought": (bought, "foreign"),
    "self-signed": (
        lambda: trustme.CA().issue_cert("localhost").private_key_and_cert_chain_pem.bytes(),
        "foreign",
    ),
    "empty": (lambda: b"", "damaged"),
    "garbage": (lambda: b"\x00\xff" * 500, "damaged"),
    "a certificate alone": (lambda: leaf.split(leaf.issue(mine(), SANS))[1], "damaged"),
    "a key alone": (lambda: leaf.split(leaf.issue(mine(), SANS))[0], "damaged"),
    "the key of another": (
        lambda: leaf.split(leaf.issue(mine(), SANS))[0] + leaf.split(leaf.issue(mine(), SANS))[1],
        "damaged",
    ),
    "a rotten key": (lambda: with_a_rotten_key(leaf.issue(mine(), SANS)), "damaged"),
    "a rotten certificate": (
        lambda: with_a_rotten_certificate(leaf.issue(mine(), SANS)),
        "damaged",
    ),
    "a rotten version": (lambda: with_a_rotten_version(leaf.issue(mine(), SANS)), "damaged"),
    "a rotten name": (lambda: with_a_rotten_name(leaf.issue(mine(), SANS)), "damaged"),
}


@pytest.mark.parametrize(("made", "kind"), FOREIGN.values(), ids=FOREIGN)
def test_foreign_leaf_is_told_by_its_kind(made: Callable[[], bytes], kind: str) -> None:
    assert leaf.foreign(made()) == kind


def test_split_gives_the_key_and_the_chain() -> None:
    data = leaf.issue(mine(), SANS)
    key, chain = leaf.split(data)
    assert x509.load_pem_x509_certificates(chain) == x509.load_pem_x509_certificates(data)
    assert chain.count(b"BEGIN CERTIFICATE") == 2
    assert b"PRIVATE KEY" not in chain
    assert b"CERTIFICATE" not in key
    loaded = load_pem_private_key(key, password=None)
    assert public(loaded.public_key()) == public(leaf.certificate(data).public_key())
