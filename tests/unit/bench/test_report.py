"""From rounds to rows, and from rows to what a reader sees."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from bench import report, rows
from bench.results import Result
from bench.rows import Compared, Held, Round, Row, Table
from bench.waiting import Waited

ROUND = Round(proxy=20.0, app=40.0, load=9.0, per_second=5000.0, p50=1.0, p99=3.0, others=0.01)


def result(*shown: Row, others: float = 0.01) -> Result:
    table = Table(Compared.PROXY, "128 B, 32 connections", list(shown), [others])
    return Result(
        taken="2026-11-26",
        machine="2 cores",
        quick=False,
        rounds=3,
        seconds=1.0,
        connections=500,
        proxies=[table],
        servers=[],
        deflate=[],
        held=[Held("wss-stack", 61.5, None)],
        waited=[Waited("`make up`", 1.234, 0.05)],
    )


def line(text: str, start: str) -> list[str]:
    found = next(row for row in text.splitlines() if row.startswith(f"| {start} |"))
    return [cell.strip() for cell in found.strip("|").split("|")]


@pytest.mark.parametrize(
    ("compared", "ratio"),
    [(Compared.PROXY, 0.5), (Compared.APP, 1.0), (Compared.BOTH, 0.75)],
)
def test_ratio_is_of_the_cpu_that_is_compared(compared: Compared, ratio: float) -> None:
    peer = replace(ROUND, proxy=40.0)
    assert rows.row("peer", "1", [peer] * 3, [ROUND] * 3, compared).ratio == ratio


def test_row_has_the_medians_of_its_rounds() -> None:
    rounds = [replace(ROUND, app=app, p99=app / 10) for app in (30.0, 90.0, 40.0)]
    row = rows.row("peer", "1", rounds, [], Compared.APP)
    assert (row.app, row.p99, row.proxy, row.ratio) == (40.0, 4.0, 20.0, None)


def test_contender_without_proxy_has_no_figure_and_no_ratio_of_it() -> None:
    rounds = [replace(ROUND, proxy=None)] * 2
    row = rows.row("floor", "1", rounds, [ROUND] * 2, Compared.PROXY)
    assert (row.proxy, row.ratio, row.app) == (None, None, 40.0)


def test_missing_contender_is_a_row_that_says_why() -> None:
    missing = Row("HAProxy", "", missing="there is no haproxy on this machine")
    cells = line(report.markdown(result(missing)), "HAProxy")
    assert cells[:2] == ["HAProxy", "missing: there is no haproxy on this machine"]
    assert set(cells[2:]) == {"-"}


def test_every_line_of_a_table_has_as_many_cells() -> None:
    made = report.markdown(result(Row("a", "1"), Row("b", "", missing="x | y")))
    table = [row for row in made.splitlines() if row.startswith("|")][:4]
    assert len({row.count("|") for row in table}) == 1


def test_noisy_row_is_marked() -> None:
    text = report.markdown(result(Row("calm", "1", spread=0.02), Row("wild", "1", spread=0.3)))
    assert line(text, "calm")[-2] == "2%"
    assert line(text, "wild")[-2] == "30% noisy"


def test_noisy_run_says_first_that_it_is_no_result() -> None:
    noisy = result(Row("wss-stack", "1"), others=0.6)
    assert report.markdown(noisy).startswith("**Too noisy: this run is no result** (other")
    page = report.page(noisy, [])
    assert page.index("no result") < page.index("## In front of the app")


def test_quiet_run_says_how_quiet_it_was() -> None:
    text = report.markdown(result(Row("wss-stack", "1", spread=0.02)))
    assert text.startswith("Other programs took 1% of the machine; 0 of 1 rows are noisy.")


def test_memory_and_waiting_have_their_tables() -> None:
    text = report.markdown(result(Row("wss-stack", "1")))
    assert "| wss-stack | 61.5 | - |" in text
    assert line(text, "`make up`") == ["`make up`", "1.23", "5%"]


def test_json_has_the_figures_and_the_verdict(tmp_path: Path) -> None:
    result(Row("wss-stack", "1", app=41.0), others=0.6).write(tmp_path / "r.json")
    found = json.loads((tmp_path / "r.json").read_text())
    assert found["proxies"][0]["rows"][0]["app"] == 41.0
    assert found["noise"]["is_result"] is False
    assert "60%" in found["noise"]["why_no_result"]
