"""The figures of several replicas, which run their users' code, become families of metrics."""

from __future__ import annotations

import json
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import Metric
from prometheus_client.openmetrics.exposition import generate_latest as generate_open
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_open
from prometheus_client.parser import text_string_to_metric_families as parse_text
from prometheus_client.registry import Collector

from metrics.replicas import CODES, Figures, Replicas, families, label, parse
from uvicorn_runner import figures

ONE = {
    "opened": 5,
    "closed": {"1000": 1, "3000": 1, "3999": 1, "4321": 1},
    "received": 7,
    "received_bytes": 70,
    "sent": 8,
    "sent_bytes": 80,
}


def answer(**changed: object) -> bytes:
    return json.dumps({**ONE, **changed}).encode()


class Given(Collector):
    def __init__(self, found: dict[str, Figures | None]) -> None:
        self._found = found

    def collect(self) -> Iterator[Metric]:
        return families(self._found)


def registry(found: dict[str, Figures | None]) -> CollectorRegistry:
    made = CollectorRegistry()
    made.register(Given(found))
    return made


def test_figures_of_the_runner_are_understood() -> None:
    of_runner = figures.Figures()
    of_runner.closed[1006] += 1
    of_runner.opened = 1
    found = parse(json.dumps(vars(of_runner)).encode())
    assert (found.opened, found.open, found.closed["1006"]) == (1, 0, 1)


def test_each_replica_has_its_own_samples_and_what_is_silent_is_down() -> None:
    two = parse(answer(opened=9, received=1))
    made = registry({"172.18.0.3": parse(answer()), "172.18.0.4": two, "172.18.0.5": None})

    def value(name: str, replica: str, **labels: str) -> float | None:
        return made.get_sample_value(name, {"replica": replica, **labels})

    assert value("wss_connections_opened_total", "172.18.0.3") == 5
    assert value("wss_connections_open", "172.18.0.3") == 1
    assert value("wss_connections_open", "172.18.0.4") == 5
    assert value("wss_messages_total", "172.18.0.3", direction="received") == 7
    assert value("wss_messages_total", "172.18.0.4", direction="received") == 1
    assert value("wss_message_bytes_total", "172.18.0.4", direction="sent") == 80
    assert value("wss_replica_up", "172.18.0.4") == 1
    assert value("wss_replica_up", "172.18.0.5") == 0
    assert value("wss_connections_open", "172.18.0.5") is None


def test_close_codes_that_clients_choose_share_one_label() -> None:
    made = registry({"a": parse(answer())})
    closed = {
        code: made.get_sample_value("wss_connections_closed_total", {"replica": "a", "code": code})
        for code in CODES
    }
    assert closed == {**dict.fromkeys(CODES, 0), "1000": 1, "3xxx": 2, "4xxx": 1}


@pytest.mark.parametrize("code", [-1, 0, 999, 1004, 1015, 1016, 2999, 3000, 4999, 5000, 10**30])
def test_label_of_any_close_code_is_one_of_a_few(code: int) -> None:
    assert label(code) in CODES


@pytest.mark.parametrize(
    "wrong",
    [
        b"",
        b"no JSON",
        b"[]",
        b"7",
        b"[" * 100_000,
        answer(opened="5"),
        answer(opened=True),
        answer(opened=-1),
        answer(opened=2**60),
        answer(opened=float("inf")),
        answer(closed=[1000]),
        answer(closed={"x": 1}),
        answer(closed={"1000": None}),
        b'{"opened": 1}',
    ],
)
def test_answer_that_is_no_figures_is_refused(wrong: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 # of json and of int() too
        parse(wrong)


@pytest.mark.parametrize("form", ["text", "OpenMetrics"])
def test_prometheus_own_parser_reads_all_samples(form: str) -> None:
    made = registry({"172.18.0.3": parse(answer()), "172.18.0.5": None})
    if form == "text":
        read = list(parse_text(generate_latest(made).decode()))
    else:
        read = list(parse_open(generate_open(made).decode()))
    assert sum(len(family.samples) for family in read) == 2 + 1 + 1 + len(CODES) + 2 + 2
    assert {family.type for family in read} == {"gauge", "counter"}


@contextmanager
def answering(path: Path, data: bytes) -> Iterator[None]:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen()

        def answer_one() -> None:
            connection, _ = server.accept()
            with connection:
                connection.sendall(data)

        thread = threading.Thread(target=answer_one)
        thread.start()
        yield
        thread.join()


def up(where: str) -> float | None:
    made = CollectorRegistry()
    made.register(Replicas(where))
    return made.get_sample_value("wss_replica_up", {"replica": "local"})


def test_app_on_a_socket_is_one_replica(tmp_path: Path) -> None:
    path = tmp_path / "figures.sock"
    assert up(str(path)) == 0
    with answering(path, answer()):
        pass_through = Replicas("")  # no app: UPSTREAM
        assert [s for family in pass_through.collect() for s in family.samples] == []
        assert up(str(path)) == 1


def test_app_that_answers_without_end_is_down(tmp_path: Path) -> None:
    path = tmp_path / "figures.sock"
    with answering(path, b" " * 100_000):
        assert up(str(path)) == 0


def test_name_that_nobody_knows_has_no_replicas() -> None:
    up, *_ = Replicas("no-such-name.invalid:8001").collect()
    assert up.samples == []


def test_counter_is_not_shared_by_answers() -> None:
    assert parse(answer()).closed is not parse(answer()).closed
    assert isinstance(parse(answer()).closed, Counter)
