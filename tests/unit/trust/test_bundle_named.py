"""make env where the environment names files already."""

from __future__ import annotations

from pathlib import Path

import pytest

from certs import output
from tests.support import bundles
from tests.support.bundles import OURS, PUBLIC, THEIRS
from trust import bundle
from trust.root import Root

root, fs = bundles.root, bundles.fs  # fixtures
NAMES = (*bundle.REPLACING, *bundle.ADDING)


@pytest.fixture
def corp(tmp_path: Path) -> Path:
    path = tmp_path / "corp.pem"
    path.write_text(THEIRS)
    return path


def content(root: Root) -> str:
    return (root.path.parent / bundle.BUNDLE).read_text()


def head(*paths: Path) -> str:
    return "".join(f"# named before: {path}\n" for path in paths)


@pytest.mark.parametrize("name", NAMES)
def test_named_file_is_in_the_bundle(root: Root, fs: Path, corp: Path, name: str) -> None:
    found = bundle.prepare({name: str(corp)}, root.path.parent, root, fs=fs)
    assert set(found.values()) == {str(root.path.parent / bundle.BUNDLE)}
    assert content(root) == head(corp) + PUBLIC + THEIRS + OURS


@pytest.mark.parametrize("name", NAMES)
def test_a_second_run_in_that_shell_keeps_what_was_named(
    root: Root, fs: Path, corp: Path, name: str
) -> None:
    """Whatever another shell had in between."""
    folder = root.path.parent
    env = {name: str(corp)}
    env |= bundle.prepare(env, folder, root, fs=fs)
    before = content(root)
    for again in (env, {}, env):
        bundle.prepare(again, folder, root, fs=fs)
        assert content(root) == before


def test_a_bundle_that_is_named_by_another_path_is_the_bundle_still(
    root: Root, fs: Path, corp: Path, tmp_path: Path
) -> None:
    """What it has must not keep itself: a root that nobody trusts any more would stay."""
    folder = root.path.parent
    bundle.prepare({"SSL_CERT_FILE": str(corp)}, folder, root, fs=fs)
    (tmp_path / "link").symlink_to(folder)
    (tmp_path / "file.pem").symlink_to(folder / bundle.BUNDLE)
    system = fs / "etc/ssl/certs/ca-certificates.crt"
    system.write_text(THEIRS)
    for value in (
        f"{folder}/../ca/bundle.pem",
        tmp_path / "link/bundle.pem",
        tmp_path / "file.pem",
    ):
        bundle.prepare({"SSL_CERT_FILE": str(value)}, folder, root, fs=fs)
        assert content(root) == head(corp) + THEIRS + OURS


def test_a_relative_path_is_read_from_any_folder(
    root: Root, fs: Path, corp: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(corp.parent)
    env = bundle.prepare({"SSL_CERT_FILE": corp.name}, root.path.parent, root, fs=fs)
    monkeypatch.chdir("/")
    bundle.prepare(env, root.path.parent, root, fs=fs)
    assert content(root) == head(corp) + PUBLIC + THEIRS + OURS


def test_root_that_a_named_file_has_no_longer_leaves_the_bundle(
    root: Root, fs: Path, corp: Path, tmp_path: Path
) -> None:
    folder, said = root.path.parent, list[str]()
    other = bundles.pem("other@x")
    corp.write_text(THEIRS + other)
    env = {"SSL_CERT_FILE": str(corp)}
    env |= bundle.prepare(env, folder, root, fs=fs)
    corp.write_text(THEIRS)
    env |= bundle.prepare(env, folder, root, fs=fs)
    assert content(root) == head(corp) + PUBLIC + THEIRS + OURS
    corp.unlink()
    with output.told(said.append):
        env |= bundle.prepare(env, folder, root, fs=fs)
    assert content(root) == PUBLIC + OURS
    (told,) = said
    assert f"names {corp}, where no PEM certificate can be read" in told


def test_two_named_files_are_both_in_the_bundle(root: Root, fs: Path, tmp_path: Path) -> None:
    corp, other = tmp_path / "corp.pem", tmp_path / "other.pem"
    corp.write_text(THEIRS)
    other.write_text(bundles.pem("other@x"))
    env = {"SSL_CERT_FILE": str(corp), "NODE_EXTRA_CA_CERTS": str(other)}
    bundle.prepare(env, root.path.parent, root, fs=fs)
    assert content(root).endswith(OURS)
    assert THEIRS in content(root)
    assert other.read_text() in content(root)


def test_named_file_stands_for_public_roots_where_there_are_none(
    root: Root, corp: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "certifi", None)
    bundle.prepare({"SSL_CERT_FILE": str(corp)}, root.path.parent, root, fs=tmp_path / "none")
    assert content(root) == head(corp) + THEIRS + OURS


@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "DENO_CERT"])
@pytest.mark.parametrize("text", ["", "127.0.0.1 localhost\n", None])
def test_a_file_without_a_certificate_counts_for_nothing_and_is_told(
    root: Root, fs: Path, tmp_path: Path, name: str, text: str | None
) -> None:
    file, said = tmp_path / "hosts", list[str]()
    if text is not None:
        file.write_text(text)
    with output.told(said.append):
        bundle.prepare({name: str(file)}, root.path.parent, root, fs=fs)
    assert content(root) == PUBLIC + OURS
    why = "where no PEM certificate can be read: it counts as not set"
    assert said == [f"{name} names {file}, {why}"]
