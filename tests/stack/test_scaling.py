"""The app is scaled, restarted and recreated; nginx is not touched."""

from __future__ import annotations

from tests.support.running import Running
from tests.support.waiting import until

MODES = ("docker",)


def echoes(stack: Running) -> bool:
    with stack.connect() as client:
        client.send("there?")
        return client.recv(timeout=5) == "there?"


def replicas(stack: Running) -> set[str]:
    """Which replicas the last WebSockets went to, by nginx's log."""
    for _ in range(6):
        assert echoes(stack)
    lines = stack.compose("logs", "--no-color", "--tail", "6", "nginx").splitlines()
    return {line.split('"upstream":"')[1].split('"')[0] for line in lines if '"status":101' in line}


def test_replicas_come_and_go(own: Running) -> None:
    own.up()
    nginx = own.compose("ps", "--quiet", "nginx")
    own.compose("up", "--detach", "--scale", "app=3", "--no-recreate")
    until(lambda: len(replicas(own)) == 3, "three replicas in use")
    own.compose("up", "--detach", "--scale", "app=1", "--no-recreate")
    until(lambda: len(replicas(own)) == 1, "one replica left")
    assert own.compose("ps", "--quiet", "nginx") == nginx


def test_the_app_may_be_recreated(own: Running) -> None:
    own.up()
    nginx = own.compose("ps", "--quiet", "nginx")
    own.compose("up", "--detach", "--force-recreate", "--no-deps", "app")
    until(lambda: echoes(own), "an echo from the new container", seconds=8)
    assert own.compose("ps", "--quiet", "nginx") == nginx


def test_the_app_is_reached_through_nginx_alone(own: Running) -> None:
    own.up()
    published = own.compose("ps", "--format", "{{.Service}} {{.Publishers}}").splitlines()
    for line in published:
        if not line.startswith("nginx "):
            assert "127.0.0.1" not in line
            assert "0.0.0.0" not in line  # noqa: S104
