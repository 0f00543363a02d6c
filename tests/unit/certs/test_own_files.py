from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from certs import own_files
from certs.errors import MissingFileError, OwnCertificateError, SettingError
from certs.own_files import OwnFiles
from tests.support import programs
from tests.support.own_certificates import Company, Lineage


@pytest.mark.parametrize(
    ("env", "says"),
    [
        ({"KEY": "/x/privkey.pem"}, ("KEY is '/x/privkey.pem'", "CERT is not set", "unset KEY")),
        ({"CERT_DIR": "/x"}, ("CERT_DIR is '/x'", "CERT is not set")),
        ({"CERT": "full.pem"}, ("CERT is 'full.pem'", "absolute path", f"CERT={Path.cwd()}")),
        ({"CERT": "/x/a.pem", "KEY": "b.pem"}, ("KEY is 'b.pem'", "absolute path")),
        ({"CERT": "/x/a.pem", "CERT_DIR": "/y"}, ("/x/a.pem is not in it", "CERT_DIR=/")),
        (
            {"CERT": "/x/a/a.pem", "KEY": "/x/b/b.pem", "CERT_DIR": "/x/a"},
            ("/x/b/b.pem is not in it", "CERT_DIR=/x"),
        ),
    ],
)
def test_wrong_settings_are_refused(env: Mapping[str, str], says: tuple[str, ...]) -> None:
    with pytest.raises(SettingError) as caught:
        own_files.parse(env)
    for text in says:
        assert text in str(caught.value)


def test_without_cert_there_is_nothing() -> None:
    assert own_files.parse({}) is None
    assert own_files.parse({"CERT": "", "KEY": ""}) is None


@pytest.fixture
def certbot(tmp_path: Path) -> Lineage:
    lineage = Lineage(tmp_path / "letsencrypt", "ws.example.com")
    lineage.renew(Company().issue("ws.example.com"))
    return lineage


def test_the_folder_to_mount_has_what_links_lead_to(certbot: Lineage) -> None:
    assert OwnFiles(certbot.cert, certbot.key).to_mount() == certbot.folder


def test_the_folder_of_plain_files_is_their_own(tmp_path: Path) -> None:
    cert, key = Company().issue("ws.example.com").write(tmp_path / "tls")
    assert OwnFiles(cert, key).to_mount() == tmp_path / "tls"
    assert OwnFiles(cert, None).to_mount() == tmp_path / "tls"


def test_a_closed_folder_of_certbot_is_known_by_its_name() -> None:
    there = Path("/no-such-etc/letsencrypt/live/x")
    own = OwnFiles(there / "fullchain.pem", there / "privkey.pem")
    assert own.to_mount() == Path("/no-such-etc/letsencrypt")


def test_a_folder_named_by_hand_is_mounted() -> None:
    own = own_files.parse({"CERT": "/x/y/a.pem", "CERT_DIR": "/x"})
    assert own is not None
    assert own.to_mount() == Path("/x")


def test_the_root_folder_is_never_mounted() -> None:
    with pytest.raises(SettingError, match="MODE=local make up"):
        OwnFiles(Path("/no-such-a/a.pem"), Path("/no-such-b/b.pem")).to_mount()


@pytest.mark.parametrize("absolute", [False, True], ids=["relative links", "absolute links"])
def test_links_are_followed_inside_the_mounted_folder(
    absolute: bool, certbot: Lineage, tmp_path: Path
) -> None:
    expected = OwnFiles(certbot.cert, certbot.key).read()
    if absolute:
        for link in (certbot.cert, certbot.key):
            target = link.resolve()
            link.unlink()
            link.symlink_to(target)
    root = tmp_path / "host"
    mounted = root / certbot.folder.relative_to("/")
    shutil.copytree(certbot.folder, mounted, symlinks=True)
    # No link may lead to the original.
    certbot.folder.rename(tmp_path / "elsewhere")
    assert OwnFiles(certbot.cert, certbot.key, root, certbot.folder).read() == expected


def test_the_links_of_kubernetes_are_followed(tmp_path: Path) -> None:
    folder = tmp_path / "secret"
    cert, key = Company().issue("ws.example.com").write(folder / "..2026_11_26")
    (folder / "..data").symlink_to("..2026_11_26")
    for name in (cert.name, key.name):
        (folder / name).symlink_to(Path("..data") / name)
    own = OwnFiles(folder / cert.name, folder / key.name)
    assert own.read() == (cert.read_bytes(), key.read_bytes())
    assert own.to_mount() == folder


def test_a_link_out_of_the_mounted_folder_is_named(certbot: Lineage, tmp_path: Path) -> None:
    live = certbot.cert.parent
    root = tmp_path / "host"
    shutil.copytree(live, root / live.relative_to("/"), symlinks=True)
    own = OwnFiles(certbot.cert, certbot.key, root, live)
    with pytest.raises(MissingFileError) as caught:
        own.read()
    assert f"leads to {certbot.folder}/archive" in str(caught.value)
    assert f"CERT_DIR={certbot.folder} docker compose up -d" in str(caught.value)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes what belongs to somebody else")
def test_what_a_user_may_not_read_is_named_with_a_command_that_helps() -> None:
    with tempfile.TemporaryDirectory() as made:  # pytest's own folders are closed for others
        Path(made).chmod(0o755)
        lineage = Lineage(Path(made) / "letsencrypt", "ws.example.com")
        lineage.renew(Company().issue("ws.example.com"))
        (lineage.folder / "live").chmod(0o700)
        (lineage.folder / "archive").chmod(0o700)
        command = programs.command("own_as_nobody", lineage.cert)

        def said() -> list[str]:
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            return done.stdout.splitlines()

        folder, why = said()
        assert folder == str(lineage.folder)
        assert why.startswith(f"CERT {lineage.cert} cannot be read by nobody. Let this user")
        setfacl = shlex.split(why.partition("sudo ")[2])
        if shutil.which(setfacl[0]) is None:
            pytest.skip("setfacl is not installed (package acl)")
        subprocess.run(setfacl, check=True)
        assert said() == [str(lineage.folder), "read"]


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError, match=rf"CERT {tmp_path}/no.pem does not exist.*ls -l"):
        OwnFiles(tmp_path / "no.pem", None).read()


def test_a_loop_of_links_ends(tmp_path: Path) -> None:
    (tmp_path / "a.pem").symlink_to("b.pem")
    (tmp_path / "b.pem").symlink_to("a.pem")
    with pytest.raises(OwnCertificateError, match="symbolic links"):
        OwnFiles(tmp_path / "a.pem", None).read()


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(OwnCertificateError, match="Is a directory"):
        OwnFiles(tmp_path, None).read()
