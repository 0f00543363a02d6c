"""The console as nginx serves it: beside any app, guarded, and off where it is not wanted."""

from __future__ import annotations

from collections.abc import Iterator
from http.client import HTTPResponse

import pytest

from certs.dotenv import CHECKOUT
from certs.errors import SettingError
from tests.support.asking import ask
from tests.support.running import Running, running
from tests.support.servers import somebodys_server

PATH = "/.wss-stack/console/"
CONSOLE = CHECKOUT / "console"
TYPES = {"html": "text/html", "js": "text/javascript", "css": "text/css", "svg": "image/svg+xml"}


def assert_guarded(response: HTTPResponse, host: str) -> None:
    policy = str(response.getheader("Content-Security-Policy"))
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert f"connect-src 'self' wss://{host};" in policy
    assert response.getheader("X-Content-Type-Options") == "nosniff"
    assert response.getheader("Referrer-Policy") == "no-referrer"
    assert response.getheader("Cache-Control") == "no-cache"
    assert response.getheader("Cross-Origin-Opener-Policy") == "same-origin"
    assert response.getheader("Cross-Origin-Embedder-Policy") == "require-corp"
    assert response.getheader("Cross-Origin-Resource-Policy") == "same-origin"


@pytest.mark.parametrize("name", ["", *sorted(path.name for path in CONSOLE.iterdir())])
def test_every_file_is_served_with_its_type_and_guarded(stack: Running, name: str) -> None:
    response, body = ask(stack, PATH + name)
    assert response.status == 200
    assert body == (CONSOLE / (name or "index.html")).read_text()
    kind = (name or "index.html").rpartition(".")[2]
    assert str(response.getheader("Content-Type")).startswith(TYPES[kind])
    assert_guarded(response, f"localhost:{stack.https_port}")


def test_host_that_a_policy_cannot_name_is_left_out(stack: Running) -> None:
    response, _ = ask(stack, PATH, {"Host": f"[::1]:{stack.https_port}"})
    assert "connect-src 'self';" in str(response.getheader("Content-Security-Policy"))


def test_unchanged_file_is_not_sent_again(stack: Running) -> None:
    first, _ = ask(stack, f"{PATH}main.js")
    again, body = ask(stack, f"{PATH}main.js", {"If-None-Match": str(first.getheader("ETag"))})
    assert (again.status, body) == (304, "")


def test_missing_file_is_guarded_and_never_the_apps(stack: Running) -> None:
    response, _ = ask(stack, f"{PATH}nowhere.js")
    assert response.status == 404
    assert_guarded(response, f"localhost:{stack.https_port}")


@pytest.mark.parametrize("path", ["../../etc/passwd", "..%2f..%2fnginx.conf", "%2e%2e/nginx.conf"])
def test_files_beside_the_console_are_not_served(stack: Running, path: str) -> None:
    assert ask(stack, PATH + path)[0].status in (400, 404)


def test_path_without_its_slash_leads_to_the_console(stack: Running) -> None:
    response, _ = ask(stack, PATH.rstrip("/"))
    assert response.status == 307
    assert response.getheader("Location") == f"{stack.url}{PATH}"


def test_page_of_another_origin_may_not_read_it(stack: Running) -> None:
    assert ask(stack, PATH, {"Origin": "https://evil.example"})[0].status == 403


def test_console_stands_beside_a_server_that_answers_everything(own: Running) -> None:
    local = own.mode == "local"
    with somebodys_server("theirs", "127.0.0.1" if local else "0.0.0.0") as port:  # noqa: S104
        own.up(UPSTREAM=f"{'127.0.0.1' if local else 'host.docker.internal'}:{port}")
        assert ask(own, "/")[1].startswith('{"name": "theirs"')
        response, body = ask(own, PATH)
        assert (response.status, body) == (200, (CONSOLE / "index.html").read_text())


def test_console_that_is_off_is_nowhere(own: Running) -> None:
    own.up(CONSOLE="0")
    response, body = ask(own, PATH)
    assert response.status == 404
    assert body.startswith("The console is off: CONSOLE is 0")
    assert ask(own, "/healthz")[0].status == 200


def test_wrong_value_is_named(own: Running) -> None:
    with pytest.raises(SettingError, match="CONSOLE is 'off'; write 1 for on or 0 for off"):
        own.up(CONSOLE="off")


@pytest.fixture(scope="module")
def wide(mode_or_skip: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A stack with names of the public and of the local network."""
    with running(
        mode_or_skip,
        tmp_path_factory.mktemp(f"wide-{mode_or_skip}"),
        HOSTS="shop.example.com 203.0.113.7 api.internal 192.168.1.20 fd00::20",
        PERMIT="example.com 203.0.113.7",
    ) as stack:
        yield stack


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("shop.example.com", 404),
        ("203.0.113.7", 404),
        ("localhost", 200),
        ("api.internal", 200),
        ("192.168.1.20", 200),
        ("[fd00::20]", 200),
    ],
)
def test_public_name_has_no_console(wide: Running, host: str, status: int) -> None:
    assert ask(wide, PATH, {"Host": host})[0].status == status
