"""The short form: deployed on three nodes, WebSockets through all of them, one node killed."""

from __future__ import annotations

from tests.support import swarm_page
from tests.support.crowd import CUT
from tests.support.swarm import RESCHEDULED, Deployed
from tests.support.waiting import until
from tests.swarm.conftest import WHOLE

SOCKETS = 300 if WHOLE else 60


def test_status_of_a_whole_stack_is_ok(swarm: Deployed) -> None:
    done = swarm.run("status")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("3/3") == 3
    assert "The certificate expires on 20" in done.stdout


def test_images_that_the_nodes_cannot_get_are_said_before_anything_changes(
    swarm: Deployed,
) -> None:
    done = swarm.run("deploy", TAG="missing")
    assert done.returncode == 1
    assert f"the manager cannot get {swarm.registry}/wss-stack-app:missing" in done.stderr
    assert "make swarm-images" in done.stderr

    done = swarm.run("deploy", REGISTRY="")
    assert done.returncode == 2
    assert "REGISTRY is unset, and this swarm has 3 nodes" in done.stderr


def test_killed_node_cuts_only_what_went_through_it(swarm: Deployed) -> None:
    *others, dead = swarm.nodes
    healthy = [node.address for node in others]
    with swarm.crowd(SOCKETS) as clients:
        dead.crash()
        until(
            lambda: swarm.replicas().total() == 3 and not swarm.replicas()[dead.name],
            "three replicas on two nodes",
            RESCHEDULED,
        )
        until(lambda: clients.is_whole, "all clients to be back", RESCHEDULED)
        until(
            lambda: all(clients.seen.newcomers[address] for address in healthy),
            "new connections through the other nodes",
            RESCHEDULED,
        )
        seen = clients.seen
    swarm_page.record(
        "a node killed (`kill -9` of its engine and all its containers)",
        seen,
        healthy,
        place=1,
    )
    assert seen.codes(dead.address) == {CUT: SOCKETS // 3}
    # Of those through another node, a third had its replica on this one.
    assert 0 < seen.codes(*healthy)[CUT] < 0.5 * SOCKETS * 2 / 3
    assert set(seen.codes()) == {CUT}
    assert seen.refusals(*healthy) == []

    done = swarm.run("status")
    assert done.returncode == 1
    assert "node n3 does not answer: the others run its replicas" in done.stderr
