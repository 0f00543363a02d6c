"""What is minted, and what is left as it was."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from certs import authority as authorities
from certs.errors import MintError
from certs.files import Owner
from certs.mint import ensure
from certs.names import HostError
from certs.permitted import Permitted
from tests.support.certificates import assert_minted, settings
from tests.support.minting import Place


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_everything_is_made_from_nothing(place: Place) -> None:
    authority = place.mint(hosts="a.localhost *.app.localhost fd00::7")
    assert_minted(place.folder, "a.localhost *.app.localhost fd00::7")
    made, *issued = place.said
    assert authority.name in made
    assert "which signs localhost, test, internal" in made
    assert [line.split(" for ")[0] for line in issued] == [
        "issued leaf.pem",
        "issued leaf-names.pem",
    ]


def test_file_is_read_by_those_it_is_for(place: Place) -> None:
    place.mint()
    modes = {path.relative_to(place.folder): path.stat().st_mode for path in place.state()}
    secret = [str(path) for path, mode in modes.items() if not mode & 0o077]
    assert sorted(secret) == ["ca/authority.pem", "leaf/leaf-names.pem", "leaf/leaf.pem"]
    assert modes[Path("ca/root.pem")] & 0o777 == 0o644
    assert place.leaf.stat().st_mode & 0o777 == 0o700
    with_keys = [path for path in place.state() if b"PRIVATE KEY" in path.read_bytes()]
    assert sorted(with_keys) == sorted(place.folder / path for path in secret)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_file_is_given_to_its_owner(tmp_path: Path) -> None:
    user, nginx = Owner(65534, 65533), Owner(101, 101)
    (tmp_path / "ca").mkdir()  # as Docker's daemon makes it
    (tmp_path / "leaf").mkdir()  # as a named volume starts
    ensure(settings(tmp_path, ca_owner=user, leaf_owner=nginx))
    for owner, paths in (
        (user, [tmp_path / "ca", *(tmp_path / "ca").iterdir()]),
        (nginx, [tmp_path / "leaf", *(tmp_path / "leaf").iterdir()]),
    ):
        assert {Owner(path.stat().st_uid, path.stat().st_gid) for path in paths} == {owner}


def test_a_second_time_changes_nothing(place: Place) -> None:
    place.mint(hosts="a.test b.test")
    before = place.state()
    place.mint(hosts="b.test,A.TEST")
    assert place.state() == before
    assert place.said == []


@pytest.mark.parametrize("name", ["leaf.pem", "leaf-names.pem", "hosts/localhost"])
def test_missing_files_alone_are_made_again(place: Place, name: str) -> None:
    place.mint()
    before = place.state()
    (place.leaf / name).unlink()
    place.mint()
    assert_minted(place.folder)
    assert {path for path, at in place.state().items() if before[path] != at} == {place.leaf / name}


@pytest.mark.parametrize(
    "content",
    [None, b"", b"garbage", authorities.mint(Permitted(), "old").root_pem()],
    ids=["missing", "empty", "garbage", "older"],
)
def test_root_file_is_written_again_from_the_authority(place: Place, content: bytes | None) -> None:
    before = place.mint()
    if content is None:
        place.root.unlink()
    else:
        place.root.write_bytes(content)
    assert place.mint().root == before.root
    assert_minted(place.folder)


def test_other_hosts_rewrite_the_leaf_and_the_hosts(place: Place) -> None:
    authority = place.mint(hosts="old.test")
    place.mint(hosts="new.test 10.0.0.9 fd00::7 *.app.test")
    assert_minted(place.folder, "new.test 10.0.0.9 fd00::7 *.app.test")
    assert "it is for other hosts" in place.said[0]
    assert place.mint().root == authority.root
    assert_minted(place.folder)
    assert place.kept() == []


def test_hosts_that_may_not_be_signed_leave_the_leaf_alone(place: Place) -> None:
    place.mint()
    before = place.state()
    with pytest.raises(HostError, match=r"example\.com"):
        place.mint(hosts="example.com")
    # PERMIT speaks to an authority that is yet to be made.
    with pytest.raises(HostError, match=r"example\.com"):
        place.mint(hosts="example.com", permit="example.com")
    assert place.state() == before


def test_permit_is_in_a_new_authority(place: Place) -> None:
    place.mint(hosts="dev.example.com", permit="example.com")
    assert_minted(place.folder, "dev.example.com")
    assert "example.com" in place.said[0]


@pytest.mark.parametrize(
    ("permit", "told"),
    [
        (
            "com",
            "PERMIT com: the authority may not sign it; to make a new authority: "
            "PERMIT=com make certs",
        ),
        (
            "com app.test 100.64.0.0/10",
            "PERMIT com, 100.64.0.0/10: the authority "
            "may not sign them; to make a new authority: PERMIT='com 100.64.0.0/10' make certs",
        ),
    ],
)
def test_permit_is_not_passed_over_in_silence(place: Place, permit: str, told: str) -> None:
    place.mint(permit=permit)
    assert not [line for line in place.said if line.startswith("PERMIT")]
    place.authority.unlink()
    place.mint()
    place.mint(permit=permit)
    assert place.said == [told]


@pytest.fixture
def freeze(place: Place, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From its call on CA_HOME is read-only. (Permission bits would not stop root.)"""
    opened, made = os.open, os.mkdir

    def refuse(path: str | Path) -> None:
        if Path(path).is_relative_to(place.ca):
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))

    def open_(path: str, flags: int, *rest: int) -> int:
        if flags & os.O_CREAT:
            refuse(path)
        return opened(path, flags, *rest)

    def mkdir(path: str, *rest: int) -> None:
        refuse(path)
        made(path, *rest)

    def freeze() -> None:
        monkeypatch.setattr(os, "open", open_)
        monkeypatch.setattr(os, "mkdir", mkdir)

    return freeze


def test_an_authority_that_is_there_need_not_be_writable(
    place: Place, freeze: Callable[[], None]
) -> None:
    place.mint()
    freeze()
    place.mint(hosts="a.test")
    assert_minted(place.folder, "a.test")


@pytest.mark.parametrize("there", [False, True], ids=["no folder", "an empty folder"])
def test_read_only_folder_is_named_with_a_remedy(
    place: Place, freeze: Callable[[], None], there: bool
) -> None:
    if there:
        place.ca.mkdir()
    freeze()
    with pytest.raises(MintError, match=r"Read-only file system.*CA_HOME=/absolute/path") as caught:
        place.mint()
    assert f"CA_HOME {place.ca}" in str(caught.value)


def test_a_file_in_the_way_is_named_with_a_remedy(place: Place) -> None:
    place.ca.touch()
    with pytest.raises(MintError, match=r"CA_HOME=/absolute/path") as caught:
        place.mint()
    assert f"CA_HOME {place.ca}" in str(caught.value)
    place.ca.unlink()
    place.leaf.touch()
    with pytest.raises(MintError, match=str(place.leaf)):
        place.mint()
