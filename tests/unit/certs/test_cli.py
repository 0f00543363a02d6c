from __future__ import annotations

import json
import os
import ssl
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509

from certs import cli, mint
from certs import status as report
from certs.authority import Authority
from certs.permitted import Permitted
from tests.support.certificates import (
    assert_minted,
    assert_no_leftovers,
    days,
    environment,
    leaf_without_names,
    settings,
    with_a_rotten_certificate,
    with_a_rotten_key,
)

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the commands act."""
    for name, value in environment(tmp_path).items():
        monkeypatch.setenv(name, value)
    return tmp_path


def test_mint_mints_and_says_what_clients_trust(folder: Path, capsys: Captured) -> None:
    assert cli.main(["mint"]) == 0
    authority = assert_minted(folder)
    out = capsys.readouterr().out
    assert f"Authority: {authority.name}\n" in out
    assert f"Root:      {folder / 'ca' / 'root.pem'}\n" in out
    assert f'--cacert "{folder / "ca" / "root.pem"}"' in out
    assert "Hosts:     localhost, 127.0.0.1, ::1\n" in out


# It begins as an emoji's name does, between two colons.
FINGERPRINT = ":".join(["4F", "CD", "E7", "AB", "A0", "0A", "EF", "DE"] * 4)


@pytest.mark.parametrize("command", ["mint", "status"])
def test_fingerprint_and_paths_are_shown_as_they_are(
    command: str, tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "a [bold] :smile: name" / ("long" * 20)
    for name, value in environment(folder).items():
        monkeypatch.setenv(name, value)
    mint.ensure(settings(folder))
    monkeypatch.setattr(Authority, "fingerprint", FINGERPRINT)
    assert cli.main([command]) == 0
    out = capsys.readouterr().out
    assert FINGERPRINT in out
    assert str(folder / "ca" / "root.pem") in out


def test_problems_are_shown_as_they_are(folder: Path, capsys: Captured) -> None:
    assert cli.main(["status"]) == 1
    out = capsys.readouterr().out
    assert f"problem    no authority in {folder / 'ca'}; make one: make certs" in out
    assert f"problem    no leaf in {folder / 'leaf'}; make one: make certs" in out
    assert not (folder / "ca").exists(), "status makes nothing"


def status(capsys: Captured) -> tuple[int, report.Status]:
    code = cli.main(["status", "--json"])
    return code, report.Status(**json.loads(capsys.readouterr().out))


def test_status_is_read_by_programs(folder: Path, capsys: Captured) -> None:
    authority = mint.ensure(settings(folder))
    assert status(capsys) == (
        0,
        report.Status(
            root_file=str(folder / "ca" / "root.pem"),
            root_name=authority.name,
            root_sha256=authority.fingerprint,
            authority_days_left=3649,
            permitted=str(Permitted()).split(", "),
            leaf_file=str(folder / "leaf" / "leaf.pem"),
            leaf_days_left=89,
            hosts=["127.0.0.1", "::1", "localhost"],
        ),
    )


PROBLEMS: dict[str, tuple[str, Callable[[bytes], bytes] | None, str]] = {
    "no authority": ("ca/authority.pem", None, "no authority"),
    "damaged authority": ("ca/authority.pem", lambda _: b"garbage", "cannot be read"),
    "rotten authority": ("ca/authority.pem", with_a_rotten_key, "cannot be read"),
    "no leaf": ("leaf/leaf.pem", None, "no leaf"),
    "damaged leaf": ("leaf/leaf.pem", lambda _: b"garbage", "to replace it: make certs"),
    "rotten leaf": ("leaf/leaf.pem", with_a_rotten_certificate, "make certs"),
    "somebody's old leaf": ("leaf/leaf.pem", lambda _: leaf_without_names(), "make certs"),
}


@pytest.mark.parametrize(("name", "change", "text"), PROBLEMS.values(), ids=PROBLEMS)
def test_a_problem_is_in_the_status(
    folder: Path, capsys: Captured, name: str, change: Callable[[bytes], bytes] | None, text: str
) -> None:
    mint.ensure(settings(folder))
    if change:
        (folder / name).write_bytes(change((folder / name).read_bytes()))
    else:
        (folder / name).unlink()
    code, found = status(capsys)
    assert code == 1
    assert text in found.problems[0]


def test_other_hosts_are_a_problem(
    folder: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    mint.ensure(settings(folder))
    monkeypatch.setenv("HOSTS", "new.test")
    code, found = status(capsys)
    assert code == 1
    assert "other hosts" in found.problems[0]


@pytest.mark.parametrize(("left", "warned"), [(91, False), (89, True)])
def test_the_end_of_the_authority_is_told_in_time(folder: Path, left: int, warned: bool) -> None:
    authority = mint.ensure(settings(folder))
    found = report.look(settings(folder), authority.expires - days(left))
    assert found.authority_days_left == left
    assert any("the authority expires on" in warning for warning in found.warnings) is warned


@pytest.mark.parametrize("umask", [0o000, 0o077])
def test_export_writes_the_usual_pair(folder: Path, umask: int, capsys: Captured) -> None:
    before = os.umask(umask)
    try:
        assert cli.main(["export", str(folder / "a" / "pair")]) == 0
    finally:
        os.umask(before)
    chain, key = folder / "a" / "pair" / "fullchain.pem", folder / "a" / "pair" / "privkey.pem"
    assert (chain.stat().st_mode & 0o777, key.stat().st_mode & 0o777) == (0o644, 0o600)
    assert len(x509.load_pem_x509_certificates(chain.read_bytes())) == 2
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(chain, key)
    assert f"wrote fullchain.pem and privkey.pem (secret) to {folder / 'a' / 'pair'}" in (
        capsys.readouterr().out
    )
    assert_no_leftovers(folder)


def test_export_leaves_what_else_is_in_the_folder(folder: Path) -> None:
    (folder / ".notes.tmp").write_text("somebody's")
    assert cli.main(["export", str(folder)]) == 0
    assert (folder / ".notes.tmp").read_text() == "somebody's"


def test_export_to_a_file_says_so(folder: Path, capsys: Captured) -> None:
    (folder / "file").touch()
    assert cli.main(["export", str(folder / "file")]) == 1
    assert str(folder / "file") in capsys.readouterr().err
