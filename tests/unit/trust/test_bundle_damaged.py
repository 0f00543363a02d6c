"""Blocks in the system's bundle that are no certificates."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from certs import output
from tests.support import bundles
from tests.support.bundles import OURS, PUBLIC, THEIRS
from trust import bundle, pem
from trust.root import Root

root, fs = bundles.root, bundles.fs  # fixtures
BEGIN, END = "-----BEGIN CERTIFICATE-----\n", "-----END CERTIFICATE-----\n"
DAMAGED = {
    "garbage": f"{BEGIN}bm90IGEgY2VydGlmaWNhdGU=\n{END}",
    "no base64": f"{BEGIN}!!!!\n{END}",
    "empty": f"{BEGIN}{END}",
    "cut off, with its end": THEIRS[:300] + "\n" + END,
    "cut off, without its end": THEIRS[:300] + "\n",
    "not ASCII": f"{BEGIN}\u00e4\u00f6\n{END}",
    "a line lost": "".join(line for i, line in enumerate(THEIRS.splitlines(True)) if i != 3),
}


@pytest.mark.parametrize("block", DAMAGED.values(), ids=DAMAGED)
def test_the_bundle_has_only_certificates_and_what_is_left_out_is_named(
    root: Root, fs: Path, block: str
) -> None:
    system = fs / "etc/ssl/certs/ca-certificates.crt"
    system.write_text(f"# Public roots\n{PUBLIC}\n{block}{THEIRS}")
    line = f"# Public roots\n{PUBLIC}\n".count("\n") + 1
    said: list[str] = []
    with output.told(said.append):
        bundle.prepare({}, root.path.parent, root, fs=fs)
    path = root.path.parent / bundle.BUNDLE
    assert path.read_text() == PUBLIC + THEIRS + OURS
    assert said == [
        f"{system}, line {line}: this block is not a certificate, so it is not in {path}"
    ]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(path)
    assert len(context.get_ca_certs()) == 3


def test_a_damaged_block_of_a_named_file_is_left_out_too(
    root: Root, fs: Path, tmp_path: Path
) -> None:
    corp = tmp_path / "corp.pem"
    corp.write_text(DAMAGED["garbage"] + THEIRS)
    said: list[str] = []
    with output.told(said.append):
        bundle.prepare({"SSL_CERT_FILE": str(corp)}, root.path.parent, root, fs=fs)
    assert said[0].startswith(f"{corp}, line 1: ")
    assert len(pem.blocks(root.path.parent / bundle.BUNDLE)) == 3


def test_a_system_bundle_without_any_certificate_is_none(
    fs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (fs / "etc/ssl/certs/ca-certificates.crt").write_text(DAMAGED["garbage"])
    other = fs / "etc/ssl/cert.pem"
    other.write_text(PUBLIC)
    assert bundle.public(fs) == other
