from __future__ import annotations

import ssl
import stat
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.support import bundles
from tests.support.bundles import OURS, PUBLIC, THEIRS
from trust import bundle
from trust.bundle import NoPublicRootsError
from trust.root import Root

root = bundles.root
fs = bundles.fs


def prepare(env: Mapping[str, str], root: Root, fs: Path) -> dict[str, str]:
    return bundle.prepare(env, root.path.parent, root, fs=fs)


def content(root: Root) -> str:
    return (root.path.parent / bundle.BUNDLE).read_text()


def test_every_variable_names_the_bundle(root: Root, fs: Path) -> None:
    path = root.path.parent / "bundle.pem"
    assert prepare({}, root, fs) == {
        "NODE_EXTRA_CA_CERTS": str(path),
        "DENO_CERT": str(path),
        "SSL_CERT_FILE": str(path),
        "REQUESTS_CA_BUNDLE": str(path),
        "CURL_CA_BUNDLE": str(path),
    }
    assert path.read_text() == PUBLIC + OURS
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


def test_bundle_that_is_written_again_is_the_same(root: Root, fs: Path) -> None:
    """Also where the first answer is set, and where the system trusts the root already."""
    first = prepare({}, root, fs)
    system = fs / "etc" / "ssl" / "certs" / "ca-certificates.crt"
    system.write_text(PUBLIC + OURS)
    assert prepare(first, root, fs) == first
    assert content(root) == PUBLIC + OURS


def test_a_root_that_is_no_longer_trusted_leaves_the_bundle(root: Root, fs: Path) -> None:
    system = fs / "etc" / "ssl" / "certs" / "ca-certificates.crt"
    system.write_text(PUBLIC + THEIRS)
    first = prepare({}, root, fs)
    system.write_text(PUBLIC)
    prepare(first, root, fs)
    assert THEIRS not in content(root)


@pytest.mark.parametrize(
    "path",
    [
        "etc/ssl/certs/ca-certificates.crt",
        "etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
        "etc/pki/tls/certs/ca-bundle.crt",
        "etc/ssl/ca-bundle.pem",
        "etc/ssl/cert.pem",
    ],
)
def test_the_systems_bundle_is_found_where_distributions_keep_it(tmp_path: Path, path: str) -> None:
    file = tmp_path / path
    file.parent.mkdir(parents=True)
    file.write_text(PUBLIC)
    assert bundle.public(tmp_path) == file


def test_certifi_is_taken_where_the_machine_has_no_bundle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "certifi.py").write_text("def where():\n    return '/its/cacert.pem'\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "certifi", raising=False)
    assert bundle.public(tmp_path) == Path("/its/cacert.pem")
    monkeypatch.delitem(sys.modules, "certifi")


def test_machine_without_any_bundle_is_told_what_to_install(
    root: Root, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "certifi", None)
    with pytest.raises(NoPublicRootsError, match="install ca-certificates"):
        bundle.prepare({}, root.path.parent, root, fs=tmp_path)
    assert not (root.path.parent / "bundle.pem").exists()


def test_bundle_of_this_machine_is_taken_whole(root: Root) -> None:
    """Nothing is lost on the way: ssl loads as many from ours, and the root besides."""
    before = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    after = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    before.load_verify_locations(bundle.public())
    bundle.prepare({}, root.path.parent, root)
    after.load_verify_locations(root.path.parent / "bundle.pem")
    assert after.cert_store_stats()["x509"] == before.cert_store_stats()["x509"] + 1
