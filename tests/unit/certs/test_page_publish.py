"""How the trust page gets to where nginx serves it from, and stays there."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path

import pytest

from certs import ca_home, files, leaf_dir, mint, output
from certs.authority import Authority
from certs.endpoint import Endpoint
from certs.errors import MintError
from certs.files import Owner
from certs.page import publish, render
from certs.settings import Settings
from tests.support.certificates import assert_no_leftovers, settings
from tests.support.trust_page import LAN, assert_public
from tests.support.waiting import until
from tests.support.watching import watching

NGINX = Owner(101, 101)


class Place:
    """Where one page is written, and what was said."""

    def __init__(self, folder: Path, owner: Owner | None = None) -> None:
        self.settings = settings(folder, "192.168.1.20", leaf_owner=owner)
        self.open = self.of(LAN)
        self.said: list[str] = []
        self.authority = mint.ensure(self.settings)
        self.folder = folder / "leaf" / publish.FOLDER

    def of(self, endpoint: Endpoint) -> Settings:
        return dataclasses.replace(self.settings, endpoint=endpoint)

    def ensure(self, wanted: Settings | None = None, authority: Authority | None = None) -> None:
        with output.told(self.said.append):
            publish.ensure(wanted or self.open, authority or self.authority)

    def there(self) -> dict[str, bytes]:
        paths = [path for path in self.folder.rglob("*") if path.is_file()]
        return {str(path.relative_to(self.folder)): path.read_bytes() for path in paths}

    def state(self) -> dict[Path, tuple[int, int]]:
        paths = self.folder.rglob("*")
        return {path: (path.stat().st_ino, path.stat().st_mtime_ns) for path in paths}


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_the_whole_page_is_written_and_nothing_else(place: Place) -> None:
    place.ensure()
    root, permitted = place.authority.root, place.authority.permitted
    wanted = render.files(root, permitted, place.open.hosts, place.open.endpoint, is_echo_app=True)
    assert place.there() == wanted
    assert sorted(place.there()) == sorted(render.NAMES)
    assert place.said == [f"wrote the trust page for {place.authority.name}"]
    assert_no_leftovers(place.folder)


def test_no_key_is_in_the_folder_that_nginx_serves(place: Place) -> None:
    place.ensure()
    assert_public(place.there(), place.authority)
    leaf_key = (place.settings.leaf_dir / leaf_dir.LEAF).read_bytes().splitlines()[1]
    assert not [name for name, data in place.there().items() if leaf_key in data]


@pytest.mark.parametrize("mask", [0o000, 0o077])
def test_page_is_readable_for_everybody_whatever_the_umask(place: Place, mask: int) -> None:
    before = os.umask(mask)
    try:
        place.ensure()
    finally:
        os.umask(before)
    for path in (place.folder, *place.folder.rglob("*")):
        assert path.stat().st_mode & 0o777 == (0o755 if path.is_dir() else 0o644), path


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_page_belongs_to_the_user_of_nginx(tmp_path: Path) -> None:
    place = Place(tmp_path, NGINX)
    place.ensure()
    for path in (place.folder, *place.folder.rglob("*")):
        assert Owner(path.stat().st_uid, path.stat().st_gid) == NGINX, path


def test_unchanged_page_is_not_written_again(place: Place) -> None:
    place.ensure()
    before = place.state()
    place.ensure()
    assert place.state() == before
    assert len(place.said) == 1


@pytest.mark.parametrize("name", render.NAMES)
def test_removed_or_changed_file_comes_back_alone(place: Place, name: str) -> None:
    place.ensure()
    whole, before = place.there(), place.state()
    for spoil in (Path.unlink, Path.write_bytes):
        arguments = (b"half",) if spoil is Path.write_bytes else ()
        spoil(place.folder / name, *arguments)
        place.ensure()
        assert place.there() == whole
    after = place.state()
    changed = [path for path in after if after[path] != before[path] and path.is_file()]
    assert changed == [place.folder / name]


def test_a_folder_that_is_gone_comes_back(place: Place) -> None:
    place.ensure()
    for name in render.NAMES:
        (place.folder / name).unlink()
    (place.folder / "trust").rmdir()
    place.folder.rmdir()
    place.ensure()
    assert sorted(place.there()) == sorted(render.NAMES)


def test_a_new_root_takes_the_place_of_the_old_one_everywhere(place: Place) -> None:
    place.ensure()
    old = place.there()
    other = ca_home.replace_authority(place.settings)
    place.ensure(authority=other)
    new = place.there()
    for name in (render.INDEX, render.PEM, render.DER, render.PROFILE):
        assert new[name] != old[name], name
    assert new[render.PEM] == other.root_pem()
    assert other.fingerprint[-11:].encode() in new[render.INDEX]
    assert place.authority.fingerprint[-11:].encode() not in new[render.INDEX]
    assert_public(new, other)


def test_qr_code_is_gone_where_the_page_is_closed_to_others_again(place: Place) -> None:
    place.ensure()
    assert render.QR in place.there()
    place.ensure(place.settings)
    assert render.QR not in place.there()
    assert b"qr.svg" not in place.there()[render.INDEX]


def test_file_that_somebody_else_put_there_stays(place: Place) -> None:
    place.ensure()
    (place.folder / "notes.txt").write_text("mine")
    place.ensure(place.settings)
    assert (place.folder / "notes.txt").read_text() == "mine"


def test_leftover_of_a_killed_writer_is_removed(place: Place) -> None:
    place.ensure()
    left = place.folder / "trust" / ".root.crt.abc.wss-stack-tmp"
    left.write_bytes(b"half")
    (place.folder / render.PEM).unlink()
    place.ensure()
    assert not left.exists()


def test_full_disk_leaves_whole_files_and_the_next_look_writes_the_rest(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = render.files(
        place.authority.root,
        place.authority.permitted,
        place.open.hosts,
        place.open.endpoint,
        is_echo_app=True,
    )
    write, full = files.write, len(render.NAMES) // 2

    def disk_is_full(path: Path, data: bytes, mode: int, owner: Owner | None = None) -> None:
        if len(place.there()) == full:
            raise OSError(28, "No space left on device", str(path))
        write(path, data, mode, owner)

    with monkeypatch.context() as patch:
        patch.setattr(files, "write", disk_is_full)
        for _ in range(2):
            with pytest.raises(MintError) as raised:
                place.ensure()
            assert str(raised.value) == (
                f"the trust page cannot be written to {place.folder}: No space left on device"
            )
    # The page comes last: it never names a file that is not there.
    assert render.INDEX not in place.there()
    assert all(whole[name] == data for name, data in place.there().items())
    place.ensure()
    assert place.there() == whole


def test_certs_process_keeps_the_page_and_is_not_healthy_without(tmp_path: Path) -> None:
    folder = tmp_path / "leaf" / publish.FOLDER
    with watching(tmp_path, HTTPS_PORT="9443") as watch:
        watch.until(healthy=True)
        index = folder / render.INDEX
        assert 'data-https-port="9443"' in index.read_text()
        (folder / render.PEM).unlink()
        until((folder / render.PEM).exists, "the root to come back", seconds=5)
        folder.rename(tmp_path / "away")
        folder.write_text("in the way")
        watch.until(healthy=False)
        assert f"certs: the trust page cannot be written to {folder}: " in watch.log
        folder.unlink()
        watch.until(healthy=True)
        assert index.exists()
        other = ca_home.replace_authority(settings(tmp_path))
        shown = other.fingerprint[-11:]
        until(lambda: shown in index.read_text(), "the new root on the page", seconds=5)
