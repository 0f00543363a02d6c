"""Faults of local mode alone: its supervisor."""

from __future__ import annotations

import psutil
import pytest

from stack.local import supervisor
from tests.support.asking import ask
from tests.support.faults import case, leader
from tests.support.running import Running
from tests.support.steady import SOAK
from tests.support.waiting import until

MODES = ("local",)
RESTARTED = 1012


def test_killed_supervisor_is_noticed_by_nobody_and_shown_by_status(own: Running) -> None:
    own.up()
    with case(
        own,
        "supervisord killed",
        "nothing; `make status` says that nothing restarts what ends, until `make up`",
    ) as seen:
        leader(own, supervisor.NAME).kill()
        until(lambda: all(not s.ok for s in own.stack.status()), "status to show it")
        states = {service.name: service.state for service in own.stack.status()}
        assert own.cli("status").returncode == 1
    assert states == dict.fromkeys(
        ("certs", "app", "nginx"), "runs, but nothing restarts it when it ends; fix: make up"
    )
    seen.assert_unnoticed()


@pytest.mark.skipif(not hasattr(psutil, "RLIMIT_FSIZE"), reason="this system has no such limit")
def test_supervisor_outlives_a_disk_that_is_full_while_it_logs(own: Running) -> None:
    own.up()
    process = leader(own, supervisor.NAME)
    with case(own, "disk full for the logs", "nothing; lines are lost from the logs") as seen:
        process.rlimit(psutil.RLIMIT_FSIZE, (0, -1))  # it can write to no file
        for number in range(10):
            ask(own, f"/{number}")
            assert all(service.ok for service in own.stack.status())
        process.rlimit(psutil.RLIMIT_FSIZE, (-1, -1))
        ask(own, "/again")
        own.wait_for_log("/again")
    assert leader(own, supervisor.NAME) == process
    assert '"uri":"/5"' not in own.logs()
    seen.assert_unnoticed()


def test_changed_settings_of_nginx_drop_no_socket(own: Running) -> None:
    own.up()
    with case(own, "`make up` with other origins", "nothing: nginx is reloaded") as seen:
        for number in range(20 if SOAK else 3):
            own.up(ALLOWED_ORIGINS=f"https://number-{number}.example")
            assert own.said[-1] == "reloading nginx: its files changed"
            # At once, and at every worker.
            for _ in range(10):
                with own.connect(origin=f"https://number-{number}.example"):
                    pass
    assert own.up(ALLOWED_ORIGINS=f"https://number-{number}.example") is False
    seen.assert_unnoticed()


def test_changed_port_tells_all_clients(own: Running) -> None:
    own.up()
    port, other = own.https_port, Running("local", own.folder).https_port
    with case(own, "`make up` with another port, and back", "a Close frame") as seen:
        own.up(HTTPS_PORT=str(other))
        own.up(HTTPS_PORT=str(port))
    assert set(seen.codes) == {RESTARTED}
