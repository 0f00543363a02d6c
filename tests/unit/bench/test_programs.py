"""Programs are found, started, counted and stopped."""

from __future__ import annotations

import sys
from pathlib import Path

import psutil
import pytest

from bench import proxies
from bench.programs import MissingError, Programs, answers, free_port

SERVER = """
import multiprocessing, socket, sys
server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
def work():
    while True:
        sum(range(100000))
multiprocessing.get_context("fork").Process(target=work).start()
while True:
    server.accept()[0].close()
"""


def test_cpu_of_a_child_counts_and_stop_ends_it(tmp_path: Path) -> None:
    programs = Programs(tmp_path)
    port = free_port()
    try:
        tree = programs.start("server", [sys.executable, "-c", SERVER, str(port)], port)
        while len(tree.processes) < 2 or tree.cpu() < 0.3:
            tree.find()
        first = tree.processes[0].cpu_times()
        assert tree.cpu() > first.user + first.system
        assert tree.resident() > tree.processes[0].memory_info().rss
    finally:
        programs.stop()
    assert not answers(port)
    assert not any(psutil.pid_exists(process.pid) for process in tree.processes)


def test_program_that_ends_at_once_is_missing_with_its_last_words(tmp_path: Path) -> None:
    programs = Programs(tmp_path)
    argv = [sys.executable, "-c", "import sys; sys.exit('no such option: --fast')"]
    with pytest.raises(MissingError, match=r"server ended at its start: no such option: --fast"):
        programs.start("server", argv, free_port())
    programs.stop()


def test_proxy_that_is_not_there_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    peer = proxies.Peer("Apex", "apex-proxy", ("-v",), lambda *_: "", lambda *_: [])
    with pytest.raises(MissingError, match="there is no apex-proxy on this machine"):
        peer.start(tmp_path, tmp_path, Programs(tmp_path))
