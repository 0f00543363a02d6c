from __future__ import annotations

import ssl
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import bundles
from tests.support.bundles import OURS, PUBLIC, THEIRS
from trust import bundle as environment
from trust.bundle import NoPublicRootsError
from trust.root import Root

root = bundles.root
fs = bundles.fs

AWKWARD = '/home/o\'neil/a b/\\$HOME "x" `id` \u2018quoted\u2019 %s;#'


def test_what_adds_gets_the_root_and_what_replaces_the_bundle(root: Root, fs: Path) -> None:
    folder = root.path.parent
    found = environment.prepare({}, folder, root, fs=fs)
    bundle = str(folder / "bundle.pem")
    assert found == {
        "NODE_EXTRA_CA_CERTS": str(root.path),
        "DENO_CERT": str(root.path),
        "SSL_CERT_FILE": bundle,
        "REQUESTS_CA_BUNDLE": bundle,
        "CURL_CA_BUNDLE": bundle,
    }
    assert Path(bundle).read_text() == PUBLIC + OURS
    assert stat.S_IMODE(Path(bundle).stat().st_mode) == 0o644
    assert found == environment.variables({}, folder, root.path)


def test_again_it_is_the_same(root: Root, fs: Path) -> None:
    """Also where the first answer is set, and where the system trusts the root already."""
    folder = root.path.parent
    first = environment.prepare({}, folder, root, fs=fs)
    system = fs / "etc" / "ssl" / "certs" / "ca-certificates.crt"
    system.write_text(PUBLIC + OURS)
    assert environment.prepare(first, folder, root, fs=fs) == first
    assert (folder / "bundle.pem").read_text() == PUBLIC + OURS


def test_a_root_that_is_no_longer_trusted_leaves_the_bundle(root: Root, fs: Path) -> None:
    folder = root.path.parent
    system = fs / "etc" / "ssl" / "certs" / "ca-certificates.crt"
    system.write_text(PUBLIC + THEIRS)
    first = environment.prepare({}, folder, root, fs=fs)
    system.write_text(PUBLIC)
    environment.prepare(first, folder, root, fs=fs)
    assert THEIRS not in (folder / "bundle.pem").read_text()


def test_a_file_that_is_set_but_missing_counts_for_nothing(root: Root, fs: Path) -> None:
    env = {"SSL_CERT_FILE": "/nonexistent/ca.pem", "DENO_CERT": "/nonexistent/ca.pem"}
    folder = root.path.parent
    assert environment.prepare(env, folder, root, fs=fs) == environment.variables(
        {}, folder, root.path
    )
    assert (folder / "bundle.pem").read_text() == PUBLIC + OURS


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
    assert environment.public(tmp_path) == file


def test_else_certifi_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "certifi.py").write_text("def where():\n    return '/its/cacert.pem'\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "certifi", raising=False)
    assert environment.public(tmp_path) == Path("/its/cacert.pem")
    monkeypatch.delitem(sys.modules, "certifi")


def test_with_neither_it_says_what_to_install(
    root: Root, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "certifi", None)
    with pytest.raises(NoPublicRootsError, match="install ca-certificates"):
        environment.prepare({}, root.path.parent, root, fs=tmp_path)
    assert not (root.path.parent / "bundle.pem").exists()


def test_this_machines_bundle_is_taken_whole(root: Root) -> None:
    """Nothing is lost on the way: ssl loads as many from ours, and the root besides."""
    before = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    after = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    before.load_verify_locations(environment.public())
    environment.prepare({}, root.path.parent, root)
    after.load_verify_locations(root.path.parent / "bundle.pem")
    assert after.cert_store_stats()["x509"] == before.cert_store_stats()["x509"] + 1


@pytest.mark.parametrize("value", ["/plain/path", AWKWARD, ""])
def test_sh_reads_back_what_was_meant(value: str) -> None:
    script = environment.render({"NAME": value}, "sh") + 'printf %s "$NAME"'
    said = subprocess.run(["sh", "-c", script], capture_output=True, check=True).stdout
    assert said.decode() == value


@pytest.mark.parametrize(
    ("shell", "value", "line"),
    [
        ("sh", "/a/b", "export NAME=/a/b\n"),
        ("sh", "/a b", "export NAME='/a b'\n"),
        ("fish", "/a b", "set -gx NAME '/a b'\n"),
        ("fish", "it's \\ $x", "set -gx NAME 'it\\'s \\\\ $x'\n"),
        ("powershell", "C:\\a b", "$env:NAME = 'C:\\a b'\n"),
        ("powershell", "it's \u2018$x\u2019", "$env:NAME = 'it''s \u2018\u2018$x\u2019\u2019'\n"),
    ],
)
def test_each_shell_has_its_quoting(shell: str, value: str, line: str) -> None:
    assert environment.render({"NAME": value}, shell) == line


def test_every_variable_is_a_line_of_its_own() -> None:
    assert environment.render({"A": "1", "B": "2"}, "sh") == "export A=1\nexport B=2\n"
    with pytest.raises(KeyError):
        environment.render({"A": "1"}, "csh")
