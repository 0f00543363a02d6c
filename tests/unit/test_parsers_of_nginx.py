"""What Python and nginx both read: they agree, whatever is written.

nginx runs with its real maps and reads ALLOWED_ORIGINS from a header here, so that one nginx
answers for every value.
"""

from __future__ import annotations

import contextlib
import http.client
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

import certs.settings
from certs import hosts, nginx_values, origins
from certs.dotenv import CHECKOUT
from certs.errors import SettingError
from certs.names import HostError
from stack.local import nginx, render
from tests.support.fuzzing import fuzzed, texts
from tests.support.waiting import until

TEMPLATES = CHECKOUT / "nginx" / "templates"
VALUES = {
    **nginx_values.in_docker(certs.settings.read({"HOME": "/nowhere"})),
    "ALLOWED_ORIGINS": "$http_x_allowed",
    "LEAF_DIR": "/nowhere",
}
CONFIGURATION = """
daemon off;
pid nginx.pid;
error_log stderr;
events {}
http {
    access_log off;
    include temp_paths.conf;
    map "" $from_trust_page { default ""; }
    include conf.d/*.conf;
    server {
        listen unix:SOCKET;
        location / { return 200 "$origin_allowed $host $wildcard_host"; }
    }
}
"""


class Maps:
    """What nginx's maps have for a request."""

    def __init__(self, folder: Path) -> None:
        self._socket = folder / "nginx.sock"
        (folder / "conf.d").mkdir()
        (folder / "nginx.conf").write_text(CONFIGURATION.replace("SOCKET", str(self._socket)))
        shutil.copy(CHECKOUT / "nginx" / "snippets" / "temp_paths.conf", folder)
        for name in ("origins.conf", "leaf.conf"):
            text = (TEMPLATES / f"{name}.template").read_text()
            (folder / "conf.d" / name).write_text(render.fill(text, VALUES))
        binary = nginx.find(None).binary
        self._process = subprocess.Popen([binary, "-p", folder, "-e", "stderr", "-c", "nginx.conf"])
        until(self._socket.exists, "nginx to listen")
        self._client = http.client.HTTPConnection("localhost", timeout=10)
        self._client.sock = socket.socket(socket.AF_UNIX)
        self._client.sock.connect(str(self._socket))

    def stop(self) -> None:
        self._client.close()
        self._process.terminate()
        self._process.wait(10)

    def ask(self, headers: dict[str, str]) -> tuple[bool, str, str]:
        """Whether the origin is let in; the name of the host, and of the wildcard above it."""
        self._client.request("GET", "/", headers={"Host": "localhost", **headers})
        response = self._client.getresponse()
        body = response.read().decode()
        assert response.status == 200, body
        allowed, host, wildcard = body.split(" ")
        return allowed == "yes", host, wildcard


@pytest.fixture(scope="module")
def maps() -> Iterator[Maps]:
    folder = Path(tempfile.mkdtemp(prefix="wss-maps-"))  # short: a socket's path
    made = Maps(folder)
    yield made
    made.stop()
    shutil.rmtree(folder)


sent = st.builds(
    "{}://{}{}".format,
    st.sampled_from(["http", "https", "HTTP", "app", "http+x"]),
    st.sampled_from(
        ["a.test", "a.test.", "A.test", "a.testb", "xa.test", "[::1]", ".", "a..", "a"]
    ),
    st.sampled_from(["", ":80", ":443", ":8080", ":80801"]),
)
headers = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=9)


@fuzzed
@given(st.lists(sent, max_size=3), sent | headers)
@example(["http://a.test"], "http://a.test.")
@example(["http://a..test"], "http://a.test")
@example(["http://axtest"], "http://a.test")
@example(["http://a.test:80801"], "http://a.test:8080")
@example([], "null")
@example([], "http://localhost")  # the request's own
def test_nginx_lets_in_the_origins_that_python_took(
    maps: Maps, listed: list[str], origin: str
) -> None:
    try:
        allowed = origins.parse(" ".join(listed))
    except SettingError:
        assume(False)
    try:
        (taken,) = origins.parse(origin)
    except (SettingError, ValueError):  # no browser sends it, or it is several
        taken = ""
    wanted = taken in (*allowed, "http://localhost")
    assert maps.ask({"Origin": origin, "X-Allowed": " ".join(allowed)})[0] is wanted


@settings(fuzzed, max_examples=50)
@given(texts)
@example("A.test *.B.test bücher.test [FD00::00:1] 127.0.0.1")
def test_nginx_finds_the_file_of_each_host(maps: Maps, text: str) -> None:
    with contextlib.suppress(HostError):
        read = hosts.parse(text)
        for name in read.authorities():
            asked = name.replace("*", "below", 1)
            dot = "" if asked.startswith("[") else "."
            _, host, wildcard = maps.ask({"Host": f"{asked.upper()}{dot}:8443"})
            assert name in (host, wildcard)
