"""make env where the environment names files already."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from certs import output
from tests.support import bundles
from tests.support.bundles import OURS, PUBLIC, THEIRS
from trust import bundle
from trust.root import Root

root, fs = bundles.root, bundles.fs  # fixtures


def certificates(env: Mapping[str, str], name: str) -> str:
    """Of the file that it names, without what stands before them."""
    text = Path(env[name]).read_text()
    return text[text.index("-----BEGIN") :]


@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_a_bundle_that_is_set_already_stands_for_the_systems(
    root: Root, fs: Path, tmp_path: Path, name: str
) -> None:
    (tmp_path / "corp.pem").write_text(THEIRS)
    folder = root.path.parent
    found = bundle.prepare({name: str(tmp_path / "corp.pem")}, folder, root, fs=fs)
    assert Path(found[name]).parent == folder
    head = f"# {name}={tmp_path / 'corp.pem'}\n"
    assert Path(found[name]).read_text() == head + THEIRS + OURS
    # For containers, which docs/trust.md gives this one.
    assert (folder / bundle.BUNDLE).read_text() == PUBLIC + OURS
    assert found["DENO_CERT"] == str(root.path)


def test_what_is_added_already_stays_added(root: Root, fs: Path, tmp_path: Path) -> None:
    (tmp_path / "corp.pem").write_text(THEIRS)
    folder = root.path.parent
    env = {"NODE_EXTRA_CA_CERTS": str(tmp_path / "corp.pem")}
    found = bundle.prepare(env, folder, root, fs=fs)
    assert certificates(found, "SSL_CERT_FILE") == PUBLIC + THEIRS + OURS
    assert found["NODE_EXTRA_CA_CERTS"] == found["SSL_CERT_FILE"]
    assert found["DENO_CERT"] == str(root.path)


NAMED = [
    ["SSL_CERT_FILE"],
    ["CURL_CA_BUNDLE"],
    ["NODE_EXTRA_CA_CERTS"],
    ["SSL_CERT_FILE", "DENO_CERT"],
]


@pytest.mark.parametrize("names", NAMED, ids=" ".join)
def test_what_was_named_stays_in_the_bundle_of_that_shell(
    root: Root, fs: Path, tmp_path: Path, names: list[str]
) -> None:
    """In a second run there, whatever another shell had in between."""
    (tmp_path / "corp.pem").write_text(THEIRS)
    folder = root.path.parent
    env = dict.fromkeys(names, str(tmp_path / "corp.pem"))
    first = bundle.prepare(env, folder, root, fs=fs)
    before = certificates(first, "SSL_CERT_FILE")
    assert THEIRS in before
    other = bundle.prepare({}, folder, root, fs=fs)
    assert certificates(first, "SSL_CERT_FILE") == before
    assert certificates(other, "SSL_CERT_FILE") == PUBLIC + OURS
    assert bundle.prepare({**env, **first}, folder, root, fs=fs) == first
    assert certificates(first, "SSL_CERT_FILE") == before


def test_what_a_named_file_has_no_longer_leaves_the_bundle(
    root: Root, fs: Path, tmp_path: Path
) -> None:
    (tmp_path / "corp.pem").write_text(THEIRS + PUBLIC)
    folder, said = root.path.parent, list[str]()
    env = {"SSL_CERT_FILE": str(tmp_path / "corp.pem")}
    env |= bundle.prepare(env, folder, root, fs=fs)
    (tmp_path / "corp.pem").write_text(THEIRS)
    env |= bundle.prepare(env, folder, root, fs=fs)
    assert certificates(env, "SSL_CERT_FILE") == THEIRS + OURS
    (tmp_path / "corp.pem").unlink()
    with output.told(said.append):
        env |= bundle.prepare(env, folder, root, fs=fs)
    assert certificates(env, "SSL_CERT_FILE") == PUBLIC + OURS
    (told,) = said
    assert str(tmp_path / "corp.pem") in told


TWO = {"SSL_CERT_FILE": "corp.pem", "REQUESTS_CA_BUNDLE": "public.pem"}


def test_of_two_that_are_named_both_are_in_the_bundle(root: Root, fs: Path, tmp_path: Path) -> None:
    (tmp_path / "corp.pem").write_text(THEIRS)
    (tmp_path / "public.pem").write_text(PUBLIC)
    env = {name: str(tmp_path / file) for name, file in TWO.items()}
    found = bundle.prepare(env, root.path.parent, root, fs=fs)
    assert certificates(found, "SSL_CERT_FILE") == THEIRS + PUBLIC + OURS


@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "DENO_CERT"])
@pytest.mark.parametrize("text", ["", "127.0.0.1 localhost\n", None])
def test_a_file_without_a_certificate_counts_for_nothing_and_is_told(
    root: Root, fs: Path, tmp_path: Path, name: str, text: str | None
) -> None:
    file, folder, said = tmp_path / "hosts", root.path.parent, list[str]()
    if text is not None:
        file.write_text(text)
    with output.told(said.append):
        found = bundle.prepare({name: str(file)}, folder, root, fs=fs)
    assert found == bundle.variables({}, folder, root.path)
    assert (folder / "bundle.pem").read_text() == PUBLIC + OURS
    why = "where no PEM certificate can be read: it counts as not set"
    assert said == [f"{name} names {file}, {why}"]
