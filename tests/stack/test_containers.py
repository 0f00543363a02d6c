"""How the containers are shut in, and what is inside the images."""

from __future__ import annotations

import json
import subprocess

import pytest

from certs.settings import CHECKOUT
from stack import render
from tests.support.running import Running

MODES = ("docker",)

SERVICES = ("certs", "app", "nginx")


def inspect(stack: Running, service: str) -> dict[str, object]:
    container = stack.compose("ps", "--quiet", service).strip()
    done = subprocess.run(
        ["docker", "inspect", container], capture_output=True, text=True, check=True
    )
    found: dict[str, object] = json.loads(done.stdout)[0]
    return found


@pytest.mark.parametrize("service", SERVICES)
def test_nothing_but_volumes_and_tmp_can_be_written(stack: Running, service: str) -> None:
    host = inspect(stack, service)["HostConfig"]
    assert isinstance(host, dict)
    assert host["ReadonlyRootfs"] is True
    assert host["CapDrop"] == ["ALL"]
    assert host["SecurityOpt"] == ["no-new-privileges:true"]
    added = {"certs": {"CHOWN", "DAC_OVERRIDE", "FOWNER"}}.get(service, set())
    assert {name.removeprefix("CAP_") for name in host["CapAdd"] or []} == added


@pytest.mark.parametrize(("service", "uid"), [("certs", "0"), ("app", "10001"), ("nginx", "101")])
def test_who_runs_what(stack: Running, service: str, uid: str) -> None:
    assert stack.compose("exec", "-T", service, "id", "-u").strip() == uid


def test_only_nginx_is_published_and_only_on_the_loopback(stack: Running) -> None:
    for service in SERVICES:
        host = inspect(stack, service)["HostConfig"]
        assert isinstance(host, dict)
        bound = {b["HostIp"] for ports in (host["PortBindings"] or {}).values() for b in ports}
        assert bound == ({"127.0.0.1"} if service == "nginx" else set())


@pytest.mark.parametrize("service", SERVICES)
def test_no_image_holds_a_key(stack: Running, service: str) -> None:
    # In the packages there are keys that belong to nobody: trustme's and others' tests.
    found = stack.compose(
        *("exec", "-T", service, "sh", "-c"),
        "grep -rlI --exclude-dir=proc --exclude-dir=sys --exclude-dir=venv --exclude-dir=ca "
        "--exclude-dir=leaf --exclude-dir=dev -e '-----BEGIN .*PRIVATE KEY-----$' / 2>/dev/null "
        "|| true",
    )
    assert found.split() == []


def test_the_app_sees_no_certificate_and_nginx_no_authority(stack: Running) -> None:
    seen = stack.compose("exec", "-T", "app", "sh", "-c", "ls -d /ca /leaf 2>/dev/null || true")
    assert seen.split() == []
    seen = stack.compose("exec", "-T", "nginx", "sh", "-c", "ls -d /ca /leaf 2>/dev/null || true")
    assert seen.split() == ["/leaf"]


def test_both_ways_of_filling_the_templates_agree(stack: Running) -> None:
    sh = ("exec", "-T", "nginx", "sh", "-c")
    values = {
        "ALLOWED_ORIGINS": "https://friend.example http://localhost:5173",
        "HEALTH_SOCKET": "/tmp/nginx/health.sock",  # noqa: S108
        "HTTPS_PORT": str(stack.https_port),
        "LEAF_DIR": "/leaf",
        "LISTEN_HTTP": "8080",
        "LISTEN_HTTPS": "8443",
        "RESOLVER": "127.0.0.11",
        "UPSTREAM_SERVER": "app:8000 resolve",
    }
    templates = sorted((CHECKOUT / "nginx" / "templates").glob("*.template"))
    assert templates
    for template in templates:
        filled = stack.compose(*sh, f"cat /tmp/nginx/conf.d/{template.stem}")
        assert filled == render.fill(template.read_text(), values)


@pytest.mark.parametrize(
    "origin", ["example.com", "https://a.example/", "https://", "*", "https://a;b", 'https://a"b']
)
def test_a_wrong_origin_stops_nginx_with_a_clear_error(stack: Running, origin: str) -> None:
    command = ["docker", "compose", "--project-directory", str(CHECKOUT), "run", "--rm", "-T"]
    done = subprocess.run(
        [*command, "--no-deps", "-e", f"ALLOWED_ORIGINS=https://fine.example {origin}", "nginx"],
        env=dict(stack.env),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert f"ALLOWED_ORIGINS: '{origin}' is not an origin" in done.stderr


@pytest.mark.parametrize("bind", ["localhost", "[::1]", "nonsense", "127.0.0.1:80"])
def test_a_wrong_bind_stops_nginx_with_a_clear_error(stack: Running, bind: str) -> None:
    # Compose would publish on every address then.
    command = ["docker", "compose", "--project-directory", str(CHECKOUT), "run", "--rm", "-T"]
    done = subprocess.run(
        [*command, "--no-deps", "-e", f"BIND={bind}", "nginx"],
        env=dict(stack.env),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert f"BIND is '{bind}'; write an address" in done.stderr


def test_wrong_hosts_stop_certs_with_a_clear_error(stack: Running) -> None:
    command = ["docker", "compose", "--project-directory", str(CHECKOUT), "run", "--rm", "-T"]
    done = subprocess.run(
        [*command, "--no-deps", "-e", "HOSTS=example.com", "certs"],
        env=dict(stack.env),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "HOSTS: 'example.com' is a name that the authority may not sign" in done.stderr
