from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from certs.authority import Authority, AuthorityError, load, mint
from certs.permitted import Permitted, parse_permit
from tests.support.certificates import (
    assert_is_intermediate,
    assert_is_root,
    common_name,
    days,
    public,
    with_a_rotten_key,
    with_a_rotten_root,
    with_a_rotten_version,
)

NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def authority() -> Authority:
    return mint(Permitted(), "ada@engine")


@pytest.mark.parametrize("permit", ["", "corp 100.64.0.0/10 2001:db8::/32"])
def test_root_and_intermediate_are_constrained_alike(permit: str) -> None:
    permitted = parse_permit(permit)
    authority = mint(permitted, "ada@engine")
    assert_is_root(authority.root, permitted)
    assert_is_intermediate(authority.intermediate, authority.root, permitted)
    assert public(authority.key.public_key()) == public(authority.intermediate.public_key())
    assert authority.permitted == permitted


def test_root_and_intermediate_last_ten_years() -> None:
    authority = mint(Permitted(), "ada@engine", NOW)
    for certificate in (authority.root, authority.intermediate):
        assert certificate.not_valid_after_utc == NOW.replace(microsecond=0) + days(3650)
        assert certificate.not_valid_before_utc == NOW.replace(microsecond=0) - days(1)
    assert authority.expires == authority.root.not_valid_after_utc


def test_the_names_tell_one_authority_from_another(authority: Authority) -> None:
    identifier = authority.root.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    short = identifier.value.digest.hex()[:8]
    assert authority.name == common_name(authority.root)
    assert authority.name == f"wss-stack root {short} (ada@engine)"
    assert common_name(authority.intermediate) == f"wss-stack intermediate {short} (ada@engine)"
    other = mint(Permitted(), "ada@engine")
    assert other.name != authority.name
    assert other.root.serial_number != authority.root.serial_number


@pytest.mark.parametrize(
    "who",
    ["a" * 40 + "@" + "h" * 60, "ärger@" + "h" * 60, "名" * 30 + "@host"],
    ids=["ASCII", "two bytes a letter", "three bytes a letter"],
)
def test_a_long_name_is_cut_at_what_certificates_take(who: str) -> None:
    authority = mint(Permitted(), who)
    for certificate in (authority.root, authority.intermediate):
        name = common_name(certificate)
        assert len(name) <= 64
        shown = name[name.index("(") + 1 :].removesuffix(")")
        assert shown
        assert who.startswith(shown)


def test_dumped_authority_is_loaded(authority: Authority) -> None:
    again = load(authority.dump(), NOW)
    assert again.dump() == authority.dump()
    assert (again.root, again.intermediate) == (authority.root, authority.intermediate)
    assert again.permitted == authority.permitted
    assert again.fingerprint == authority.fingerprint


def test_the_key_of_the_root_is_not_in_the_dump(authority: Authority) -> None:
    dump = authority.dump()
    assert dump.count(b"PRIVATE KEY-----") == 2  # BEGIN and END of one
    key = load_pem_private_key(dump, password=None)
    assert public(key.public_key()) == public(authority.intermediate.public_key())
    assert public(key.public_key()) != public(authority.root.public_key())
    kept = [value for value in vars(authority).values() if hasattr(value, "private_bytes")]
    assert kept == [authority.key]


def test_authority_expires_with_the_first_of_its_certificates(authority: Authority) -> None:
    older = mint(Permitted(), "ada@engine", NOW - days(100))
    assert Authority(authority.key, older.intermediate, authority.root).expires == older.expires
    assert Authority(authority.key, authority.intermediate, older.root).expires == older.expires


def pem(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey, password: bytes = b"") -> bytes:
    encryption = BestAvailableEncryption(password) if password else NoEncryption()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)


def other() -> Authority:
    return mint(Permitted(), "eve@elsewhere")


DAMAGED: dict[str, Callable[[Authority], bytes]] = {
    "empty": lambda _: b"",
    "garbage": lambda _: b"\x00\xff" * 500,
    "text": lambda _: b"not found\n",
    "cut in its key": lambda mine: mine.dump()[:100],
    "cut in its intermediate": lambda mine: mine.dump()[:600],
    "without its key": lambda mine: mine.intermediate_pem() + mine.root_pem(),
    "key alone": lambda mine: mine.key_pem(),
    "encrypted key": lambda mine: (
        pem(mine.key, b"secret") + mine.intermediate_pem() + mine.root_pem()
    ),
    "another key": lambda mine: other().key_pem() + mine.intermediate_pem() + mine.root_pem(),
    "rotten key": lambda mine: with_a_rotten_key(mine.dump()),
    "rotten version": lambda mine: with_a_rotten_version(mine.dump()),
}


@pytest.mark.parametrize("case", DAMAGED)
def test_damaged_authority_is_called_so(authority: Authority, case: str) -> None:
    with pytest.raises(AuthorityError) as caught:
        load(DAMAGED[case](authority), NOW)
    assert caught.value.kind == "damaged"


def trustme_pair(_: Authority) -> bytes:
    root = trustme.CA()
    child = root.create_child_ca()
    return child.private_key_pem.bytes() + child.cert_pem.bytes() + root.cert_pem.bytes()


def trustme_alone(_: Authority) -> bytes:
    root = trustme.CA()
    return root.private_key_pem.bytes() + root.cert_pem.bytes()


FOREIGN: dict[str, Callable[[Authority], bytes]] = {
    "a CA of trustme": trustme_alone,
    "two without constraints": trustme_pair,
    "an RSA key": lambda mine: (
        pem(rsa.generate_private_key(65537, 2048)) + mine.intermediate_pem() + mine.root_pem()
    ),
    "another root": lambda mine: mine.key_pem() + mine.intermediate_pem() + other().root_pem(),
    "root before intermediate": lambda mine: (
        mine.key_pem() + mine.root_pem() + mine.intermediate_pem()
    ),
    "no root": lambda mine: mine.key_pem() + mine.intermediate_pem(),
    "one too many": lambda mine: mine.dump() + mine.root_pem(),
}


def test_a_rotten_root_is_not_taken_for_one(authority: Authority) -> None:
    with pytest.raises(AuthorityError):
        load(with_a_rotten_root(authority.dump()), NOW)


@pytest.mark.parametrize("case", FOREIGN)
def test_foreign_authority_is_called_so(authority: Authority, case: str) -> None:
    with pytest.raises(AuthorityError, match="this project did not make it") as caught:
        load(FOREIGN[case](authority), NOW)
    assert caught.value.kind == "foreign"


def test_no_beginning_of_an_authority_is_taken_for_one(authority: Authority) -> None:
    dump = authority.dump()
    for length in range(0, len(dump) - 1, 61):
        with pytest.raises(AuthorityError):
            load(dump[:length], NOW)


def test_expired_authority_is_called_so(authority: Authority) -> None:
    load(authority.dump(), authority.expires - days(1))
    with pytest.raises(AuthorityError, match=f"expired on {authority.expires:%Y-%m-%d}") as caught:
        load(authority.dump(), authority.expires)
    assert caught.value.kind == "expired"


def test_the_fingerprint_is_what_trust_stores_show(authority: Authority) -> None:
    pairs = authority.fingerprint.split(":")
    assert len(pairs) == 32
    assert bytes.fromhex("".join(pairs)) == authority.root.fingerprint(hashes.SHA256())
    assert authority.fingerprint == authority.fingerprint.upper()
