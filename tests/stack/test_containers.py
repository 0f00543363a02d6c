"""How the containers are shut in, and what is inside the images."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from certs.dotenv import CHECKOUT
from certs.errors import SettingError
from stack.local import render
from stack.settings import read
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


def test_both_ways_of_filling_the_templates_agree(own: Running) -> None:
    sites = "api.localhost=app:8000 *.App.localhost=10.9.9.9:1 [fd00::1]=[fd00::2]:3"
    origins = "https://a.example, http://localhost:5173 http://[::1]:5173"
    own.up(SITES=sites, ALLOWED_ORIGINS=origins)
    sh = ("exec", "-T", "nginx", "sh", "-c")
    values = {
        **render.variables(
            own.settings,
            Path(),
            Path("/tmp/nginx/health.sock"),  # noqa: S108
            http2=True,
        ),
        # What is so in containers alone.
        "CONSOLE_FOLDER": "/etc/wss-stack/console",
        "LEAF_DIR": "/leaf",
        "LISTEN_HTTP": "8080",
        "LISTEN_HTTPS": "8443",
        "RESOLVER": "127.0.0.11",
        "UPSTREAM_SERVER": "app:8000 resolve",
    }
    values["SITE_UPSTREAMS"] = values["SITE_UPSTREAMS"].replace("app:8000", "app:8000 resolve")
    templates = sorted((CHECKOUT / "nginx" / "templates").glob("*.template"))
    assert templates
    for template in templates:
        filled = own.compose(*sh, f"cat /tmp/nginx/conf.d/{template.stem}")
        assert filled == render.fill(template.read_text(), values)


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("UPSTREAM", "localhost:3000", "host.docker.internal:3000"),
        ("UPSTREAM", "http://web:3000", "is not host:port"),
        ("UPSTREAM", "web", "is not host:port"),
        ("UPSTREAM", "web:1;", "is not host:port"),
        ("SITES", "a.localhost=127.0.0.1:3000", "host.docker.internal:3000"),
        ("SITES", "a.localhost", "is not name=host:port"),
        ("SITES", 'a"b=web:1', "is not name=host:port"),
    ],
)
def test_a_wrong_upstream_stops_nginx_with_a_clear_error(
    stack: Running, name: str, value: str, says: str
) -> None:
    done = refused(stack, "nginx", f"{name}={value}")
    assert done.returncode == 1
    assert f"{name}: '{value.rpartition('=')[2] if 'host.' in says else value}' is" in done.stderr
    assert says in done.stderr


def refused(stack: Running, service: str, setting: str) -> subprocess.CompletedProcess[str]:
    command = ["docker", "compose", "--project-directory", str(CHECKOUT), "run", "--rm", "-T"]
    return subprocess.run(
        [*command, "--no-deps", "-e", setting, service],
        env=dict(stack.env),
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    "origin",
    [
        "example.com",
        "https://a.example/",
        "https://",
        "*",
        "https://a;b",
        'https://a"b',
        "https://A.example:443",
        "http://[FD00::1]:5173",
        "http://[::1",
    ],
)
def test_a_wrong_origin_stops_nginx_as_it_stops_make(stack: Running, origin: str) -> None:
    origins = f"https://fine.example http://[::1]:5173 {origin}"
    with pytest.raises(SettingError, match=re.escape(f"'{origin}' is")) as error:
        read({**stack.env, "ALLOWED_ORIGINS": origins})
    done = refused(stack, "nginx", f"ALLOWED_ORIGINS={origins}")
    assert done.returncode == 1
    assert f"nginx: {error.value}\n" in done.stderr


@pytest.mark.parametrize("bind", ["localhost", "[::1]", "nonsense", "127.0.0.1:80"])
def test_a_wrong_bind_stops_nginx_with_a_clear_error(stack: Running, bind: str) -> None:
    # Compose would publish on every address then.
    done = refused(stack, "nginx", f"BIND={bind}")
    assert done.returncode == 1
    assert f"BIND is '{bind}'; write an address" in done.stderr


def test_wrong_hosts_stop_certs_with_a_clear_error(stack: Running) -> None:
    done = refused(stack, "certs", "HOSTS=example.com")
    assert done.returncode == 2
    assert "HOSTS or SITES: 'example.com' is a name that the authority may not sign" in done.stderr


def test_in_docker_the_loopback_is_an_error_that_says_what_would_do(own: Running) -> None:
    for name, value in (("UPSTREAM", "localhost:3000"), ("SITES", "a.localhost=127.0.0.1:3000")):
        with pytest.raises(SettingError, match=f"{name}.*host.docker.internal:3000.*MODE=local"):
            own.up(**{name: value})
