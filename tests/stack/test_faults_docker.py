"""Faults of Docker alone: containers that are recreated, and replicas that go."""

from __future__ import annotations

import os
import re
import signal

import pytest

from tests.support.asking import ask
from tests.support.faults import case, pid, without_dns
from tests.support.running import Running
from tests.support.steady import CUT
from tests.support.waiting import until

MODES = ("docker",)
RESTARTED = 1012


def scale_to_three(stack: Running) -> None:
    """Until nginx, which asks for names every second, has passed requests to all of them."""
    stack.compose("up", "--detach", "--wait", "--scale", "app=3", "--no-recreate")

    def served() -> int:
        ask(stack, "/healthz")
        return len(set(re.findall('"upstream":"([0-9.:]+)"', stack.logs())))

    until(lambda: served() == 3, "nginx to pass requests to three replicas")


def test_recreated_app_with_another_address_is_found(own: Running) -> None:
    own.up()
    with case(own, "app recreated", "a Close frame; nginx finds the new address") as seen:
        own.compose("up", "--detach", "--force-recreate", "--no-deps", "app")
    assert set(seen.codes) == {RESTARTED}
    seen.assert_back()


def test_replica_that_is_killed_takes_its_own_sockets_alone(own: Running) -> None:
    own.up()
    scale_to_three(own)
    with case(
        own, "one of three replicas killed", "its sockets end; the others do not notice", sockets=9
    ) as seen:
        os.kill(pid(own, "app"), signal.SIGKILL)
        until(lambda: pid(own, "app"), "the replica to be back")
    status = own.cli("status").stdout
    assert status.count("it has ended 1x by itself and was started again; why: make logs") == 1
    assert 0 < len(seen.codes) < 9
    assert set(seen.codes) == {CUT}
    seen.assert_back()


def test_scaling_down_tells_the_clients_of_the_replicas_that_go(own: Running) -> None:
    own.up()
    scale_to_three(own)
    with case(
        own, "three replicas, then one", "a Close frame from those that go", sockets=9
    ) as seen:
        own.compose("up", "--detach", "--scale", "app=1", "--no-recreate")
    assert 0 < len(seen.codes) < 20
    assert set(seen.codes) == {RESTARTED}


def test_nginx_restarted_alone_cuts_its_clients(own: Running) -> None:
    """What nginx cannot do: the app tells nobody, because nobody tells the app."""
    own.up()
    with case(
        own, "`docker compose restart nginx`", "no new connections for 5 s, then the open ones end"
    ) as seen:
        own.compose("restart", "nginx")
    assert set(seen.codes) == {CUT}
    seen.assert_back()


def test_changed_settings_of_nginx_cut_its_clients(own: Running) -> None:
    own.up()
    with case(
        own,
        "`make up` with other origins",
        "nginx is recreated: no new connections for 5 s, then the open ones end",
    ) as seen:
        own.up(ALLOWED_ORIGINS="https://other.example")
    assert set(seen.codes) == {CUT}
    seen.assert_back()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can change a container's network")
def test_dns_that_is_silent_changes_nothing(stack: Running) -> None:
    name, words = "the engine's DNS silent", "nothing: nginx keeps the addresses"
    with case(stack, name, words) as seen, without_dns(stack, "nginx"):
        stack.wait_for_log("could not be resolved")
    seen.assert_unnoticed()
