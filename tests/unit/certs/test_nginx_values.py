"""The values that nginx's container waits for: one reader for its settings."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from certs import nginx_values
from certs.dotenv import CHECKOUT
from certs.errors import SettingError
from certs.settings import read
from tests.support.certificates import environment
from tests.support.waiting import until

NEEDS_ENVSUBST = pytest.mark.skipif(not shutil.which("envsubst"), reason="needs envsubst")


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("BIND", "1.2.3.999", "write an address of this machine"),
        ("BIND", ":", "write an address of this machine"),
        ("BIND", "::::::::", "write an address of this machine"),
        ("BIND", "localhost", "write an address of this machine"),
        ("BIND", "127.0.0.1:80", "write an address of this machine"),
        ("UPSTREAM", "web:99999", "is not host:port"),
        ("UPSTREAM", "a..b:80", "is not host:port"),
        ("UPSTREAM", "http://web:3000", "without a scheme or a path"),
        ("UPSTREAM", "web:1;", "is not host:port"),
        ("UPSTREAM", "localhost:3000", "host.docker.internal:3000"),
        ("UPSTREAM", "[::1]:3000", "host.docker.internal:3000"),
        ("SITES", "-a.localhost=web:1", "is not a host name"),
        ("SITES", "a.localhost", "is not name=host:port"),
        ("SITES", 'a"b=web:1', "is not a host name"),
        ("SITES", "a.localhost=127.0.0.1:3000", "host.docker.internal:3000"),
        ("ALLOWED_ORIGINS", "https://a;b", "is not an origin"),
        ("HTTPS_PORT", "0", "write a port from 1 to 65535"),
        ("CONSOLE", "yes", "write 1 for on or 0 for off"),
    ],
)
def test_wrong_setting_is_refused_with_its_name(
    name: str, value: str, says: str, tmp_path: Path
) -> None:
    env = environment(tmp_path, **{name: value})
    with pytest.raises(SettingError) as refusal:
        nginx_values.write(env, read(env))
    assert name in str(refusal.value)
    assert says in str(refusal.value)
    assert not (tmp_path / "leaf" / nginx_values.FILE).exists()


@pytest.mark.parametrize(
    ("value", "server"),
    [
        ("web:8000", "web:8000 resolve"),
        ("my_app:8000", "my_app:8000 resolve"),
        (
            "app.wss-stack.svc.cluster.local:8000",
            "app.wss-stack.svc.cluster.local:8000 resolve",
        ),
        ("host.docker.internal:3000", "host.docker.internal:3000"),
        ("10.9.9.9:1", "10.9.9.9:1"),
        ("[fd00::2]:3", "[fd00::2]:3"),
    ],
)
def test_name_of_a_compose_service_is_followed_in_dns(
    value: str, server: str, tmp_path: Path
) -> None:
    settings = read(environment(tmp_path, UPSTREAM=value, SITES=f"é.localhost={value}"))
    values = nginx_values.in_docker(settings)
    assert values["UPSTREAM_SERVER"] == server
    assert f"server {server};" in values["SITE_UPSTREAMS"]
    assert values["SITE_MAP"] == '"xn--9ca.localhost" site0;'


def test_file_is_written_once_for_the_same_settings(tmp_path: Path) -> None:
    env = environment(tmp_path)
    nginx_values.write(env, read(env))
    path = tmp_path / "leaf" / nginx_values.FILE
    before = path.stat().st_ino
    nginx_values.write(env, read(env))
    assert path.stat().st_ino == before
    assert path.stat().st_mode & 0o777 == 0o644


class Entrypoint:
    """nginx/entrypoint.sh with folders of the test's own, and a nginx that shows what it
    was given."""

    def __init__(self, folder: Path) -> None:
        self.leaf, self.to = folder / "leaf", folder / "nginx"
        self.leaf.mkdir()
        text = (CHECKOUT / "nginx" / "entrypoint.sh").read_text()
        for old, new in (
            ("/etc/wss-stack/nginx", CHECKOUT / "nginx"),
            ("to=/tmp/nginx", f"to={self.to}"),
            ("LEAF_DIR:-/leaf", f"LEAF_DIR:-{self.leaf}"),
        ):
            assert old in text
            text = text.replace(old, str(new))
        self.script = folder / "entrypoint.sh"
        self.script.write_text(text)
        programs = folder / "bin"
        programs.mkdir()
        (programs / "nginx").write_text("#!/bin/sh\necho nginx runs\n")
        (programs / "nginx").chmod(0o755)
        self.path = f"{programs}:{os.environ['PATH']}"
        self.running: subprocess.Popen[str] | None = None

    def start(self, env: Mapping[str, str]) -> subprocess.Popen[str]:
        self.running = subprocess.Popen(
            ["sh", self.script],
            env={**env, "PATH": self.path},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        return self.running

    def end(self) -> None:
        if self.running:
            self.running.kill()
            self.running.communicate()


@pytest.fixture
def entrypoint(tmp_path: Path) -> Iterator[Entrypoint]:
    made = Entrypoint(tmp_path)
    yield made
    made.end()


@NEEDS_ENVSUBST
def test_entrypoint_fills_every_template(entrypoint: Entrypoint, tmp_path: Path) -> None:
    env = environment(tmp_path, SITES="a.localhost=web:1", ALLOWED_ORIGINS="http://b.example")
    settings = read(env)
    nginx_values.write(env, settings)
    out, err = entrypoint.start(env).communicate(timeout=10)
    assert (out, err) == ("nginx runs\n" * 2, "")
    filled = "".join(path.read_text() for path in (entrypoint.to / "conf.d").iterdir())
    assert "${" not in filled
    assert "server web:1 resolve;" in filled
    assert "http://b.example" in filled


@NEEDS_ENVSUBST
def test_entrypoint_waits_for_values_of_its_own_settings(
    entrypoint: Entrypoint, tmp_path: Path
) -> None:
    old, new = environment(tmp_path, SITES="a.localhost=old:1"), environment(tmp_path)
    nginx_values.write(old, read(old))
    started = entrypoint.start(new)
    assert started.stderr
    assert started.stderr.readline() == (
        "nginx: waiting for the certs process to check the settings\n"
    )
    nginx_values.write(new, read(new))
    started.communicate(timeout=10)
    assert started.returncode == 0
    assert "old:1" not in (entrypoint.to / "conf.d" / "upstream.conf").read_text()


def test_entrypoint_repeats_a_refusal_and_does_not_listen(
    entrypoint: Entrypoint, tmp_path: Path
) -> None:
    env = environment(tmp_path, BIND="1.2.3.999")
    nginx_values.refuse(env, entrypoint.leaf, None, "BIND is '1.2.3.999'; that's wrong")
    started = entrypoint.start(env)
    out, err = started.communicate(timeout=10)
    assert (started.returncode, out) == (1, "")
    assert err == "nginx: BIND is '1.2.3.999'; that's wrong\n"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGQUIT])
def test_entrypoint_that_waits_ends_when_it_is_asked_to(
    entrypoint: Entrypoint, tmp_path: Path, number: signal.Signals
) -> None:
    started = entrypoint.start(environment(tmp_path))
    assert started.stderr
    started.stderr.readline()  # so its traps are set
    started.send_signal(number)
    until(lambda: started.poll() is not None, "the entrypoint to end", seconds=2)
    assert started.returncode == 0
