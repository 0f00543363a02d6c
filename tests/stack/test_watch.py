"""docker compose watch: what a mount cannot bring is built anew when it is saved."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.clone import Clone
from tests.support.waiting import until


@pytest.fixture
def watched(clone: Clone, tmp_path: Path) -> Iterator[Clone]:
    """By `docker compose watch`."""
    output = tmp_path / "watch.log"
    with output.open("wb") as log:
        watch = subprocess.Popen(
            ["docker", "compose", "watch"],
            cwd=clone.checkout,
            env=clone.environment,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        until(lambda: "Watch enabled" in output.read_text(), "compose to watch", seconds=60)
        until(lambda: reply(clone) == "Server Response to: hello", "the app")
        yield clone
    finally:
        os.killpg(watch.pid, signal.SIGINT)
        watch.wait(timeout=30)
        print(output.read_text())  # pytest shows it where the test fails


def test_a_saved_source_of_each_service_is_served(watched: Clone) -> None:
    change(watched, "app/echo.py", "Server Response to: ", "Changed: ")
    until(lambda: reply(watched) == "Changed: hello", "the changed app", seconds=60)

    before = containers(watched)
    # What running them writes there is no change to the sources.
    for made in ("certs/out/leaf.pem", "certs/__pycache__/leaf.pyc", "app/__pycache__/echo.pyc"):
        (watched.checkout / made).parent.mkdir(exist_ok=True)
        (watched.checkout / made).write_text("made")
    change(watched, "nginx/snippets/known_host.conf", "The certificate is not", "Changed: not")
    until(lambda: plain(watched, "evil.example").startswith("Changed"), "nginx", seconds=60)
    after = containers(watched)
    assert {name for name in after if after[name] != before[name]} == {"nginx"}

    change(watched, "console/index.html", "<title>", "<title>Changed: ")
    page = "/.wss-stack/console/"
    until(lambda: "<title>Changed: " in watched.get(page), "the console", seconds=60)

    change(watched, "certs/page/templates/index.html", "<title>", "<title>Changed: ")
    until(lambda: "<title>Changed: " in plain(watched, "localhost"), "the trust page", seconds=60)


def change(clone: Clone, name: str, old: str, new: str) -> None:
    source = clone.checkout / name
    text = source.read_text()
    assert old in text
    source.write_text(text.replace(old, new))


def containers(clone: Clone) -> dict[str, str]:
    """The id of each service's."""
    told = clone.run("docker", "compose", "ps", "--format", "{{.Service}} {{.ID}}", as_user=False)
    return dict(line.split() for line in told.stdout.splitlines())


def plain(clone: Clone, host: str) -> str:
    """What plain HTTP has at `/` for this host."""
    client = http.client.HTTPConnection("127.0.0.1", int(clone.env["HTTP_PORT"]), timeout=10)
    try:
        client.request("GET", "/", headers={"Host": host})
        return client.getresponse().read().decode()
    finally:
        client.close()


def reply(clone: Clone) -> str:
    with clone.connect("/sockets") as client:
        client.send("hello")
        return str(client.recv(timeout=10))
