"""What is of no use: replaced by a new one, and kept aside where it is not ours."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
import trustme

from certs import authority as authorities
from certs import leaf, leaf_dir
from certs.authority import Authority
from certs.permitted import Permitted
from tests.support.certificates import (
    assert_minted,
    days,
    with_a_rotten_certificate,
    with_a_rotten_key,
)
from tests.support.minting import Place

NOW = datetime.now(UTC)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def foreign_authority() -> bytes:
    ca = trustme.CA()
    return ca.private_key_pem.bytes() + ca.cert_pem.bytes()


REPLACED: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "empty": ("damaged", lambda _: b""),
    "garbage": ("damaged", lambda _: b"\x00\xff" * 99),
    "cut": ("damaged", lambda mine: mine[:100]),
    "rotten": ("damaged", with_a_rotten_key),
    "of trustme": ("foreign", lambda _: foreign_authority()),
    "expired": (
        "expired",
        lambda _: authorities.mint(Permitted(), "old", NOW - days(3651)).dump(),
    ),
}


@pytest.mark.parametrize(("kind", "change"), REPLACED.values(), ids=REPLACED)
def test_an_authority_that_is_of_no_use_is_kept_aside(
    place: Place, kind: str, change: Callable[[bytes], bytes]
) -> None:
    before = place.mint()
    content = change(place.authority.read_bytes())
    place.authority.write_bytes(content)
    assert place.mint().root != before.root
    assert_minted(place.folder)
    (kept,) = place.kept()
    assert kept.name.startswith(f"authority.pem.{kind}-")
    assert kept.read_bytes() == content
    said = place.said[0]
    assert f"{place.authority} is {kind}" in said
    assert kept.name in said
    assert "make certs" in said


def bought() -> bytes:
    return trustme.CA().issue_cert("localhost").private_key_and_cert_chain_pem.bytes()


NOT_OURS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "bought": ("foreign", lambda _: bought()),
    "empty": ("damaged", lambda _: b""),
    "garbage": ("damaged", lambda _: b"garbage"),
    "cut": ("damaged", lambda mine: mine[:300]),
    "without its key": ("damaged", lambda mine: leaf.split(mine)[1]),
    "with a rotten key": ("damaged", with_a_rotten_key),
    "with a rotten certificate": ("damaged", with_a_rotten_certificate),
}


@pytest.mark.parametrize(("kind", "change"), NOT_OURS.values(), ids=NOT_OURS)
def test_foreign_leaf_is_kept_aside(
    place: Place, kind: str, change: Callable[[bytes], bytes]
) -> None:
    place.mint()
    content = change((place.leaf / leaf_dir.LEAF).read_bytes())
    (place.leaf / leaf_dir.LEAF).write_bytes(content)
    place.mint()
    assert_minted(place.folder)
    (kept,) = place.kept()
    assert kept.name.startswith(f"leaf.pem.{kind}-")
    assert kept.read_bytes() == content
    assert f"is {kind}, not a leaf of this project; kept as {kept.name}" in place.said[0]


OLD: dict[str, tuple[str, Callable[[Authority], Authority], int]] = {
    "aged": ("it expires on", lambda mine: mine, 61),
    "expired": ("it expired on", lambda mine: mine, 91),
    "of an older authority": (
        "not from this authority",
        lambda _: authorities.mint(Permitted(), "old"),
        0,
    ),
}


@pytest.mark.parametrize(("why", "issuer", "age"), OLD.values(), ids=OLD)
def test_old_leaf_of_this_project_is_replaced(
    place: Place, why: str, issuer: Callable[[Authority], Authority], age: int
) -> None:
    mine = place.mint()
    sans = ("localhost", "127.0.0.1", "::1")
    old = leaf.issue(issuer(mine), sans, NOW - days(age))
    (place.leaf / leaf_dir.LEAF).write_bytes(old)
    place.mint()
    assert_minted(place.folder)
    assert place.kept() == []
    assert len(place.said) == 1
    assert why in place.said[0]
