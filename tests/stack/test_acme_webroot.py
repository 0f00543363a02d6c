"""nginx answers an ACME server from ACME_WEBROOT, and nothing but challenges."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.answering import answering
from tests.support.asking import ask, ask_plain
from tests.support.running import Running
from tests.support.upstreams import bound, reached

CHALLENGES = "/.well-known/acme-challenge/"
TOKEN = "evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr_oA"  # noqa: S105 # that of RFC 8555
AUTHORIZATION = f"{TOKEN}.9jg46WB3rR_AHD-EBXdN7cBkH1WOu0tA3M9fm21mqTI"
SECRET = "a secret"  # noqa: S105


@pytest.fixture(scope="module")
def webroot(shared: Running, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The shared stack's webroot, with a challenge and much that is none."""
    folder = Path(shared.env["ACME_WEBROOT"])
    challenges = folder / CHALLENGES.strip("/")
    challenges.mkdir(parents=True)
    (challenges / TOKEN).write_text(AUTHORIZATION)
    outside = tmp_path_factory.mktemp("outside")
    (outside / "inside").write_text(SECRET)
    (challenges / "link").symlink_to(outside / "inside")
    (challenges / "folder").symlink_to(outside)
    for secret in (
        "sub/inside",
        ".hidden",
        "a.html",
        f"{TOKEN}\n",
        "a b",
        "../beside",
        "../../top",
    ):
        (challenges / secret).parent.mkdir(exist_ok=True)
        (challenges / secret).write_text(SECRET)
    yield folder
    shutil.rmtree(folder / ".well-known")


@pytest.mark.parametrize("host", ["localhost", "chat.example.com", "203.0.113.7"])
def test_challenge_is_answered_for_any_host(stack: Running, webroot: Path, host: str) -> None:
    response, body = ask_plain(stack, CHALLENGES + TOKEN, host)
    assert (response.status, body) == (200, AUTHORIZATION)
    assert response.getheader("Content-Type") == "text/plain"
    assert response.getheader("X-Content-Type-Options") == "nosniff"
    assert response.getheader("Cache-Control") == "no-store"


NO_CHALLENGES = [
    pytest.param("", id="a listing"),
    pytest.param("missing", id="no file"),
    pytest.param("sub", id="a folder"),
    pytest.param("sub/", id="a folder's listing"),
    pytest.param("sub/inside", id="below a folder"),
    pytest.param("link", id="a link to a file"),
    pytest.param("folder", id="a link to a folder"),
    pytest.param("folder/inside", id="through a link"),
    pytest.param(".hidden", id="a hidden file"),
    pytest.param("a.html", id="an extension"),
    pytest.param("a%20b", id="a space"),
    pytest.param(f"{TOKEN}/", id="a slash at the end"),
    pytest.param(f"{TOKEN}%0a", id="a line end"),
    pytest.param("..%5cbeside", id="a backslash"),
]


@pytest.mark.parametrize("path", NO_CHALLENGES)
def test_what_is_no_challenge_is_not_found(stack: Running, webroot: Path, path: str) -> None:
    response, body = ask_plain(stack, CHALLENGES + path, "chat.example.com")
    assert response.status == 404
    assert body == "ACME_WEBROOT has no such ACME challenge, or nginx may not read it.\n"
    assert response.getheader("Location") is None


@pytest.mark.parametrize(
    "path",
    [
        f"{CHALLENGES}../beside",
        f"{CHALLENGES}..%2fbeside",
        f"{CHALLENGES}%2e%2e/%2e%2e/top",
        f"{CHALLENGES}..%2f..%2f..%2f..%2fetc%2fpasswd",
        f"{CHALLENGES}{TOKEN}%00",
        "/.well-known/beside",
        "/.well-known/acme-challenge",
        f"/.well-known/acme-challenge../{TOKEN}",
        "/top",
    ],
)
def test_nothing_beside_the_challenges_is_served(stack: Running, webroot: Path, path: str) -> None:
    """Such a path is like any other of this host, and of no host that is unknown."""
    for host, statuses in (("localhost", (307, 400)), ("chat.example.com", (421, 400))):
        response, body = ask_plain(stack, path, host)
        assert response.status in statuses, body
        assert SECRET not in body


def test_challenges_over_tls_are_the_apps_own(own: Running, tmp_path: Path) -> None:
    challenges = tmp_path / "webroot" / CHALLENGES.strip("/")
    challenges.mkdir(parents=True)
    (challenges / TOKEN).write_text(AUTHORIZATION)
    with answering(bound(own.mode), {}) as port:
        own.up(UPSTREAM=reached(own.mode, port), ACME_WEBROOT=str(tmp_path / "webroot"))
        assert ask(own, CHALLENGES + TOKEN)[1] == "from the server behind"
        assert ask_plain(own, CHALLENGES + TOKEN, "localhost")[1] == AUTHORIZATION
        # Another setting, or none, counts at the next start.
        own.up(UPSTREAM=reached(own.mode, port))
        response, _ = ask_plain(own, CHALLENGES + TOKEN, "localhost")
        assert response.status == 404
