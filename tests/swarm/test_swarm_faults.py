"""What 300 WebSockets through three nodes see when something happens: `make swarm-test`."""

from __future__ import annotations

import itertools

from tests.support import swarm_page
from tests.support.crowd import CUT, SILENT, Seen
from tests.support.swarm import NAME, RESCHEDULED, Deployed
from tests.support.waiting import until

SOCKETS = 300
EACH = SOCKETS // 3  # through each node
RESTARTED = 1012
FOUND = 20.0  # seconds until a node without power is given up
WAIT = 180.0
# What the tests of updates leave behind.
CHANGED = {"TAG": "2", "CONSOLE": "0"}


def addresses(swarm: Deployed) -> list[str]:
    return [node.address for node in swarm.nodes]


def test_node_without_power_is_given_up_in_time(swarm: Deployed) -> None:
    *others, dead = swarm.nodes
    healthy = [node.address for node in others]
    with swarm.crowd(SOCKETS) as clients:
        dead.lose_power()
        until(
            lambda: swarm.replicas().total() == 3 and not swarm.replicas()[dead.name],
            "three replicas on two nodes",
            RESCHEDULED,
        )
        until(lambda: clients.seen.codes(dead.address), "the clients of that node", WAIT)
        until(lambda: clients.is_whole, "all clients to be back", WAIT)
        seen = clients.seen
    swarm_page.record("power loss of a node", seen, healthy, place=2)
    # A client of that node hears nothing more, and has to give up by itself.
    assert seen.codes(dead.address) == {SILENT: EACH}
    assert set(seen.codes(*healthy)) == {CUT}
    assert 0 < seen.codes(*healthy)[CUT] < EACH
    assert seen.last(*healthy) < FOUND
    assert seen.refusals(*healthy) == []


def test_update_of_the_app_tells_each_client_once(swarm: Deployed) -> None:
    swarm.change_app("2", "LABEL version=2")
    with swarm.crowd(SOCKETS) as clients:
        swarm.done("deploy", TAG="2")
        until(lambda: clients.is_whole, "all clients to be back", WAIT)
        seen = clients.seen
    swarm_page.record("update of the app (`make swarm-deploy`)", seen, addresses(swarm), place=3)
    assert set(seen.codes()) == {RESTARTED}
    # Some are told again: they came to a replica that was replaced after theirs.
    assert SOCKETS <= seen.codes()[RESTARTED] <= 3 * SOCKETS
    assert seen.refused == []


def test_update_of_nginx_is_one_node_after_the_other(swarm: Deployed) -> None:
    with swarm.crowd(SOCKETS) as clients:
        swarm.done("deploy", **CHANGED)
        until(lambda: clients.is_whole, "all clients to be back", WAIT)
        seen = clients.seen
    own = f"{len(seen.refused)}, by the node in turn"
    swarm_page.record(
        "update of nginx (`make swarm-deploy`)", seen, addresses(swarm), place=4, refused=own
    )
    # nginx has no Close frame to send.
    assert set(seen.codes()) == {CUT}
    assert_one_node_at_a_time(seen, addresses(swarm))


def assert_one_node_at_a_time(seen: Seen, nodes: list[str]) -> None:
    """At any moment, two of three take new connections."""
    times = [[when for _, when, _ in seen.refusals(node)] for node in nodes]
    away = sorted((min(found), max(found)) for found in times if found)
    assert all(end < begin for (_, end), (begin, _) in itertools.pairwise(away)), away


def test_rotation_of_the_certificate_is_not_noticed(swarm: Deployed) -> None:
    before = {swarm.serial(node) for node in swarm.nodes}
    with swarm.crowd(SOCKETS) as clients:
        swarm.done("rotate")
        until(
            lambda: before.isdisjoint(swarm.serial(node) for node in swarm.nodes),
            "a new certificate on each node",
        )
        seen = clients.seen
    swarm_page.record("`make swarm-rotate`", seen, addresses(swarm), place=5)
    assert len({swarm.serial(node) for node in swarm.nodes}) == 1
    assert seen.ends == []
    assert seen.refused == []


def test_scaling_up_is_not_noticed_and_back_tells_the_clients(swarm: Deployed) -> None:
    swarm.done("deploy", **CHANGED)
    with swarm.crowd(SOCKETS) as clients:
        swarm.done("deploy", REPLICAS="9", **CHANGED)
        assert swarm.replicas().total() == 9
        up = clients.seen
        assert up.ends == []
        assert up.refused == []
    swarm_page.record("3 replicas, then 9", up, addresses(swarm), place=6)
    with swarm.crowd(SOCKETS) as clients:
        swarm.done("deploy", **CHANGED)
        until(lambda: swarm.replicas().total() == 3, "three replicas", WAIT)
        until(lambda: clients.is_whole, "all clients to be back", WAIT)
        down = clients.seen
    swarm_page.record("9 replicas, then 3", down, addresses(swarm), place=7)
    assert set(down.codes()) == {RESTARTED}
    assert down.refused == []


def test_app_that_does_not_start_is_rolled_back(swarm: Deployed) -> None:
    swarm.done("deploy", **CHANGED)
    swarm.change_app("broken", 'CMD ["false"]')
    with swarm.crowd(SOCKETS) as clients:
        done = swarm.run("deploy", **{**CHANGED, "TAG": "broken"})
        seen = clients.seen
    assert done.returncode == 1, done.stdout
    assert f"the update of {NAME}_app failed, and the Swarm took it back" in done.stderr
    swarm_page.record("update to an app that does not start", seen, addresses(swarm), place=8)
    assert seen.ends == []
    assert seen.refused == []


def test_drained_node_tells_its_clients(swarm: Deployed) -> None:
    *others, drained = swarm.nodes
    healthy = [node.address for node in others]
    with swarm.crowd(SOCKETS) as clients:
        swarm.manager.docker("node", "update", "--availability", "drain", drained.name)
        until(
            lambda: swarm.replicas().total() == 3 and not swarm.replicas()[drained.name],
            "three replicas on two nodes",
            WAIT,
        )
        until(lambda: clients.is_whole, "all clients to be back", WAIT)
        seen = clients.seen
    swarm.manager.docker("node", "update", "--availability", "active", drained.name)
    swarm_page.record("a node drained (`docker node update`)", seen, healthy, place=9)
    assert set(seen.codes(*healthy)) == {RESTARTED}
    assert seen.refusals(*healthy) == []


def assert_refused(swarm: Deployed, why: str, **settings: str) -> None:
    """`make swarm-status` fails, and says this."""

    def says_so() -> bool:
        done = swarm.run("status", **settings)
        assert why in done.stderr, done.stderr
        return done.returncode == 1

    until(says_so, f"a status with {why}", WAIT)


def test_worker_is_told_who_takes_commands(swarm: Deployed) -> None:
    worker = swarm.nodes[1]
    swarm.manager.docker("node", "demote", worker.name)
    try:
        assert_refused(swarm, "this engine is a worker of its swarm", DOCKER_HOST=worker.host)
    finally:
        swarm.manager.docker("node", "promote", worker.name)


def test_remove_takes_all_away(swarm: Deployed) -> None:
    # No test after this one needs the stack.
    swarm.done("remove")
    for kind in ("service", "secret", "config"):
        assert swarm.manager.docker(kind, "ls", "--quiet") == ""
    assert_refused(swarm, "no stack wss-stack is on this swarm; deploy it: make swarm-deploy")


def test_swarm_without_a_leader_is_told_what_is_missing(stack: Deployed) -> None:
    # The last test: managers that lost their majority need long to be whole again.
    for node in stack.nodes[1:]:
        node.crash()
    assert_refused(stack, "the swarm has no leader")
