"""Settings that Compose itself acts on, before any process of the stack reads them."""

from __future__ import annotations

import json
import subprocess

import pytest
from cryptography import x509

from certs.dotenv import CHECKOUT
from tests.support.lifecycle import closed
from tests.support.running import Running

MODES = ("docker",)


def refused(own: Running, *arguments: str) -> str:
    """What plain `docker compose` says when it fails."""
    done = subprocess.run(
        ["docker", "compose", "--project-directory", str(CHECKOUT), *arguments],
        env=dict(own.env),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0, done.stdout
    return done.stderr


@pytest.mark.parametrize("bind", ["1.2.3.999", "localhost", "# none", "*", "127.0.0.1:80"])
def test_stack_does_not_listen_where_bind_is_no_address(own: Running, bind: str) -> None:
    """An engine publishes on all addresses where it is given one that it cannot read."""
    own.env = {**own.env, "BIND": bind}
    assert bind in refused(own, "up", "--detach")
    assert closed(own.https_port)
    own.env = {**own.env, "BIND": ""}
    assert own.compose("ps", "--all", "--quiet") == ""


def test_ipv6_address_is_written_in_brackets(own: Running) -> None:
    own.env = {**own.env, "BIND": "[::1]"}
    services = json.loads(own.compose("config", "--format", "json"))["services"]
    assert {port["host_ip"] for port in services["nginx"]["ports"]} == {"::1"}
    own.up(BIND="::1")
    published = own.compose("port", "nginx", "8443").strip()
    assert published in (f"[::1]:{own.https_port}", f"::1:{own.https_port}")


@pytest.mark.parametrize("home", [None, ""], ids=["unset", "empty"])
def test_authority_is_not_made_in_the_root_folder_without_home(
    own: Running, home: str | None
) -> None:
    own.env = {k: v for k, v in own.env.items() if k not in ("HOME", "CA_HOME")}
    if home is not None:
        own.env = {**own.env, "HOME": home}
    services = json.loads(own.compose("config", "--format", "json"))["services"]
    (source,) = (v["source"] for v in services["certs"]["volumes"] if v["target"] == "/ca")
    assert source.startswith("/dev/null/"), "or the next line would make it"
    assert "HOME is not set. Set it, or CA_HOME" in refused(own, "up", "--detach", "certs")
    own.env = {**own.env, "CA_HOME": str(own.folder / "ca")}
    own.compose("up", "--detach", "--wait", "certs")


@pytest.mark.parametrize("name", ["h" * 65, "h" * 300, "Anna's desk!"], ids=["65", "300", "odd"])
def test_any_host_name_may_be_in_the_roots_name(own: Running, name: str) -> None:
    own.env = {**own.env, "HOSTNAME": name, "USER": "anna"}
    own.compose("up", "--detach", "--wait", "certs")
    root = x509.load_pem_x509_certificate(own.root.read_bytes())
    assert f"(anna@{name[:12]}" in root.subject.rfc4514_string().replace("\\", "")


def test_webroot_is_mounted_read_only(own: Running) -> None:
    own.env = {**own.env, "ACME_WEBROOT": str(own.folder)}
    services = json.loads(own.compose("config", "--format", "json"))["services"]
    (mount,) = (v for v in services["nginx"]["volumes"] if v["target"] == "/acme")
    assert (mount["source"], mount["read_only"]) == (str(own.folder), True)


def test_missing_webroot_is_not_made_as_root(own: Running) -> None:
    missing = own.folder / "missing"
    own.env = {**own.env, "ACME_WEBROOT": str(missing)}
    assert str(missing) in refused(own, "up", "--detach", "nginx")
    assert closed(own.http_port)
    assert not missing.exists()
