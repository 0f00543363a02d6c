"""python -m uvicorn_runner: what it is told, and what it says of a wrong APP."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.echo import server_response
from certs.dotenv import CHECKOUT
from tests.support.serving import served
from uvicorn_runner.__main__ import config
from uvicorn_runner.settings import read


def serve(app: str, folder: Path = CHECKOUT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "uvicorn_runner"],
        env={**os.environ, "APP": app, "PYTHONPATH": str(CHECKOUT)},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("app", "says"),
    [
        ("chat", "write module:attribute"),
        ("nowhere.at.all:app", "there is no module 'nowhere' in APP_DIR"),
        ("nowhere:app", "nowhere"),
        ("app.main:nothing", "nothing"),
        ("uvicorn_runner.health:FAILED", "'X-App-Failed': no ASGI app"),
    ],
)
def test_a_wrong_app_is_an_error_and_no_traceback(app: str, says: str) -> None:
    done = serve(app)
    assert done.returncode == 2
    assert done.stderr.startswith(f"app: APP is {app!r}")
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_an_app_that_fails_while_it_is_imported_says_where(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("import os\n\nraise RuntimeError('no database')\n")
    done = serve("broken:app", tmp_path)
    assert done.returncode == 2
    assert f"{tmp_path / 'broken.py'}:3: RuntimeError: no database" in done.stderr


def test_package_that_the_app_lacks_is_named_with_how_to_install_it(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("import no_such_package\n")
    done = serve("mine:app", tmp_path)
    assert done.returncode == 2
    assert f"{tmp_path / 'mine.py'}:1: ModuleNotFoundError" in done.stderr
    assert (
        "in the file of APP_REQUIREMENTS, then: make up, or docker compose up --build"
        in done.stderr
    )


def test_forwarded_headers_on_a_socket_are_taken_from_every_client() -> None:
    assert config(read({"APP_SOCKET": "/x/app.sock"}))["forwarded_allow_ips"] == "*"
    # On a port uvicorn's own FORWARDED_ALLOW_IPS decides.
    assert "forwarded_allow_ips" not in config(read({}))


def test_keep_alive_outlasts_nginx() -> None:
    upstream = (CHECKOUT / "nginx/snippets/upstream.conf").read_text()
    theirs = int(upstream.split("keepalive_timeout ")[1].split("s;")[0])
    assert config(read({}))["timeout_keep_alive"] > theirs


def test_shutdown_time_fits_into_the_grace_period() -> None:
    compose = (CHECKOUT / "docker-compose.yml").read_text()
    grace = int(compose.split("stop_grace_period: ")[1].split("s\n")[0])
    assert grace > config(read({}))["timeout_graceful_shutdown"]


def test_the_tutorials_answer_keeps_the_type() -> None:
    assert server_response("a") == "Server Response to: a"
    assert server_response(b"a") == b"Server Response to: a"


def test_handshake_with_as_many_cookies_as_nginx_takes_is_answered() -> None:
    cookies = "; ".join(f"c{n}={'x' * 480}" for n in range(125))
    with served() as app, app.connect("/ws", additional_headers={"Cookie": cookies}) as client:
        client.send("in")
        assert client.recv(timeout=10) == "in"
