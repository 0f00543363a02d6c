"""How the containers are shut in, and what is inside the images."""

from __future__ import annotations

import json
import re
import ssl
import subprocess
from pathlib import Path

import pytest

from certs import nginx_values
from certs.ca_home import AUTHORITY
from certs.dotenv import CHECKOUT
from certs.errors import SettingError
from stack import nginx_versions
from stack.local import render
from tests.support.asking import ask
from tests.support.running import Running

MODES = ("docker",)

SERVICES = ("certs", "app", "nginx")


def inspect(stack: Running, service: str) -> dict[str, object]:
    container = stack.compose("ps", "--quiet", service).strip()
    found: dict[str, object] = json.loads(docker("inspect", container))[0]
    return found


def docker(*arguments: str) -> str:
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, check=True)
    return done.stdout


@pytest.mark.parametrize("service", SERVICES)
def test_container_writes_to_volumes_and_tmp_alone(stack: Running, service: str) -> None:
    host = inspect(stack, service)["HostConfig"]
    assert isinstance(host, dict)
    assert host["ReadonlyRootfs"] is True
    assert host["CapDrop"] == ["ALL"]
    assert host["SecurityOpt"] == ["no-new-privileges:true"]
    added = {"certs": {"CHOWN", "DAC_OVERRIDE", "FOWNER"}}.get(service, set())
    assert {name.removeprefix("CAP_") for name in host["CapAdd"] or []} == added


@pytest.mark.parametrize(("service", "uid"), [("certs", "0"), ("app", "10001"), ("nginx", "101")])
def test_service_runs_as_its_own_user(stack: Running, service: str, uid: str) -> None:
    assert stack.compose("exec", "-T", service, "id", "-u").strip() == uid


@pytest.mark.parametrize(
    ("service", "memory", "pids"),
    [("certs", 2**28, 64), ("app", 2**31, 2048), ("nginx", 2**31, 1024)],
)
def test_memory_without_swap_and_processes_are_bounded(
    stack: Running, service: str, memory: int, pids: int
) -> None:
    host = inspect(stack, service)["HostConfig"]
    assert isinstance(host, dict)
    assert (host["Memory"], host["MemorySwap"], host["PidsLimit"]) == (memory, memory, pids)
    assert host["Privileged"] is False
    assert host["OomKillDisable"] is not True


def test_certs_has_no_network_and_the_others_cannot_write_what_they_are_given(
    stack: Running,
) -> None:
    certs, app, nginx = (inspect(stack, service) for service in SERVICES)
    host, nginx_host = certs["HostConfig"], nginx["HostConfig"]
    assert isinstance(host, dict)
    assert isinstance(nginx_host, dict)
    assert host["NetworkMode"] == "none"
    assert writable(app) == []
    assert writable(nginx) == []
    # Bodies of requests wait there: a client could fill the machine's memory.
    assert "size=512m" in nginx_host["Tmpfs"]["/tmp"]  # noqa: S108


def writable(container: dict[str, object]) -> list[object]:
    mounts = container["Mounts"]
    assert isinstance(mounts, list)
    return [mount["Destination"] for mount in mounts if mount["RW"]]


def test_plain_compose_publishes_on_the_loopback_alone(stack: Running) -> None:
    """make up names the address; this is what the file says by itself."""
    assert "BIND" not in stack.env
    config = json.loads(stack.compose("config", "--format", "json"))
    assert {port["host_ip"] for port in config["services"]["nginx"]["ports"]} == {"127.0.0.1"}


def test_no_container_and_no_image_tells_a_key(stack: Running) -> None:
    """docker inspect and docker history are for everybody who may ask the engine."""
    home = stack.settings.certs.ca_home
    leaf = stack.compose("exec", "-T", "certs", "cat", "/leaf/leaf.pem")
    files = (home / AUTHORITY).read_text() + leaf
    keys = re.findall(r"BEGIN [A-Z ]*PRIVATE KEY-----(.*?)-----END", files, re.DOTALL)
    assert len(keys) == 2
    told = ""
    for service in SERVICES:
        found = inspect(stack, service)
        image = str(found["Image"])
        told += json.dumps(found) + docker("image", "inspect", image)
        told += docker("history", "--no-trunc", image)
    assert "CA_HOME" in told
    assert not [line for key in keys for line in key.split() if line in told]


def test_nginx_alone_is_published_and_on_the_loopback_alone(stack: Running) -> None:
    for service in SERVICES:
        host = inspect(stack, service)["HostConfig"]
        assert isinstance(host, dict)
        bound = {b["HostIp"] for ports in (host["PortBindings"] or {}).values() for b in ports}
        assert bound == ({"127.0.0.1"} if service == "nginx" else set())


def test_container_of_metrics_is_shut_in_like_the_others(stack: Running) -> None:
    env = {**stack.env, "METRICS_PORT": "9090", "BIND": "0.0.0.0"}  # noqa: S104
    command = ["docker", "compose", "--project-directory", str(CHECKOUT), "config"]
    done = subprocess.run(
        [*command, "--format", "json"], env=env, capture_output=True, text=True, check=True
    )
    service = json.loads(done.stdout)["services"]["metrics"]
    assert service["scale"] == 1
    assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert (service["mem_limit"], service["memswap_limit"]) == (str(2**27), str(2**27))
    assert service["pids_limit"] == 64
    assert {port["host_ip"] for port in service["ports"]} == {"127.0.0.1"}
    assert [volume["target"] for volume in service["volumes"]] == ["/run/metrics"]
    assert not {"cap_add", "user", "tmpfs"} & set(service)
    last = (
        (CHECKOUT / "Dockerfile").read_text().partition(" AS metrics\n")[2].partition("\nFROM")[0]
    )
    assert "USER 10002:10002" in last


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


def test_templates_are_filled_alike_in_both_modes(own: Running) -> None:
    sites = "api.localhost=app:8000 *.App.localhost=10.9.9.9:1 [fd00::1]=[fd00::2]:3"
    own.up(SITES=sites, ALLOWED_ORIGINS="https://a.example, http://localhost:5173 http://[::1]:1")
    sh = ("exec", "-T", "nginx", "sh", "-c")
    values = {
        **render.variables(own.settings, Path("/tmp/nginx"), http2=True),  # noqa: S108
        **nginx_values.in_docker(own.settings.certs),
        # What is so in containers alone.
        "ACME_FOLDER": "/acme",
        "CONSOLE_FOLDER": "/etc/wss-stack/console",
        "LEAF_DIR": "/leaf",
        "LISTEN_HTTP": "8080",
        "LISTEN_HTTPS": "8443",
        "RESOLVER": "127.0.0.11",
        "TLS_GROUPS": nginx_versions.SKIPPING_GROUPS,
    }
    templates = sorted((CHECKOUT / "nginx" / "templates").glob("*.template"))
    assert templates
    for template in templates:
        filled = own.compose(*sh, f"cat /tmp/nginx/conf.d/{template.stem}")
        assert filled == render.fill(template.read_text(), values)


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("UPSTREAM", "localhost:3000", "UPSTREAM: in Docker, localhost:3000 is nginx's own"),
        ("ALLOWED_ORIGINS", "*", "ALLOWED_ORIGINS: '*' is not an origin"),
    ],
)
def test_wrong_setting_keeps_nginx_from_listening_and_is_in_its_log(
    own: Running, name: str, value: str, says: str
) -> None:
    """With plain docker compose, which has no check of its own for these."""
    own.env = {**own.env, name: value}
    own.compose("up", "--detach", "--build")
    own.wait_for_log(f"nginx: {says}")
    assert own.wait_for_log(f"certs: {says}")
    with pytest.raises(OSError):  # noqa: PT011 # refused, reset or ended: each will do
        own.tls_socket(context=ssl.create_default_context()).recv(1)
    own.env = {**own.env, name: ""}
    own.compose("up", "--detach", "--wait")
    assert ask(own, "/healthz")[0].status == 200


def refused(stack: Running, service: str, setting: str) -> subprocess.CompletedProcess[str]:
    command = ["docker", "compose", "--project-directory", str(CHECKOUT), "run", "--rm", "-T"]
    return subprocess.run(
        [*command, "--no-deps", "-e", setting, service],
        env=dict(stack.env),
        capture_output=True,
        text=True,
        check=False,
    )


def test_wrong_hosts_stop_certs_with_a_clear_error(stack: Running) -> None:
    done = refused(stack, "certs", "HOSTS=example.com")
    assert done.returncode == 2
    assert "HOSTS or SITES: 'example.com' is a name that the authority may not sign" in done.stderr


def test_loopback_as_an_upstream_in_docker_is_refused_with_what_would_do(own: Running) -> None:
    for name, value in (("UPSTREAM", "localhost:3000"), ("SITES", "a.localhost=127.0.0.1:3000")):
        with pytest.raises(SettingError, match=f"{name}.*host.docker.internal:3000.*MODE=local"):
            own.up(**{name: value})
