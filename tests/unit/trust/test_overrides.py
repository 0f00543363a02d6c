"""What in the environment keeps a client from its store, and what only seems to."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from certs import authority as authorities
from certs.permitted import Permitted
from trust import bundle
from trust.proof import overrides
from trust.root import Root


@pytest.fixture
def root(tmp_path: Path) -> Root:
    path = tmp_path / "root.pem"
    path.write_bytes(authorities.mint(Permitted(), "ada@engine").root_pem())
    return Root.read(path)


@pytest.mark.parametrize(
    ("kind", "name", "value", "counts"),
    [
        ("openssl", "SSL_CERT_FILE", "/a", True),
        ("requests", "REQUESTS_CA_BUNDLE", "", False),
        ("node", "NODE_OPTIONS", "--max-old-space-size=4096 --use-system-ca", True),
        ("node", "NODE_OPTIONS", "--max-old-space-size=4096", False),
        ("java", "JAVA_TOOL_OPTIONS", "-Xmx1g", False),
        ("java", "JDK_JAVA_OPTIONS", "-Djavax.net.ssl.trustStore=/k", True),
    ],
)
def test_variable_that_overrides_a_store_is_found(
    kind: str, name: str, value: str, counts: bool, root: Root
) -> None:
    expected = {name: value} if counts else {}
    assert overrides.find({name: value, "PATH": "/bin"}, kind, root) == expected


@pytest.mark.parametrize("kind", ["go", "dotnet"])
@pytest.mark.parametrize(("platform", "reads"), [("linux", True), ("darwin", False)])
def test_client_reads_no_file_where_the_system_verifies_for_it(
    kind: str, platform: str, reads: bool, root: Root
) -> None:
    env = {"SSL_CERT_FILE": "/a"}
    assert overrides.find(env, kind, root, platform) == (env if reads else {})


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("openssl", {"SSL_CERT_FILE"}),
        ("curl", {"SSL_CERT_FILE", "CURL_CA_BUNDLE"}),
        ("httpx", {"SSL_CERT_FILE"}),
        ("requests", {"REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"}),
        ("bun", {"NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"}),
        ("java", set()),
        ("chromium", set()),
        ("firefox", set()),
    ],
)
def test_variable_that_a_client_does_not_read_overrides_nothing(
    kind: str, names: set[str], root: Root
) -> None:
    env = dict.fromkeys(
        ("SSL_CERT_FILE", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"), "/a"
    )
    assert set(overrides.find(env, kind, root)) == names


def test_file_that_has_the_root_overrides_nothing(root: Root, tmp_path: Path) -> None:
    other = tmp_path / "other.pem"
    other.write_bytes(authorities.mint(Permitted(), "b").root_pem())
    env = bundle.prepare({"SSL_CERT_FILE": str(other)}, tmp_path, root)
    assert overrides.find(env, "curl", root) == {}
    env["CURL_CA_BUNDLE"] = str(other)
    assert overrides.find(env, "curl", root) == {"CURL_CA_BUNDLE": str(other)}


def test_a_proxy_is_shown_without_its_password() -> None:
    env = {
        "https_proxy": "http://ada:s3cret@proxy.corp.example:3128",
        "ALL_PROXY": "socks5://127.0.0.1:1080",
        "no_proxy": "corp.example",
    }
    assert overrides.proxies(env) == {
        "https_proxy": "http://proxy.corp.example:3128",
        "ALL_PROXY": "socks5://127.0.0.1:1080",
    }
    assert overrides.proxies({"http_proxy": "http://proxy.corp.example:3128"}) == {}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "localhost,127.0.0.1,::1"),
        ("corp.example,10.0.0.0/8", "localhost,127.0.0.1,::1,corp.example,10.0.0.0/8"),
    ],
)
def test_command_that_fixes_no_proxy_keeps_what_it_held(before: str, after: str) -> None:
    script = f'{overrides.NO_PROXY}\nprintf %s "$no_proxy"'
    env = {"no_proxy": before} if before else {}
    said = subprocess.run(["sh", "-c", script], env=env, capture_output=True, check=True).stdout
    assert said.decode() == after
