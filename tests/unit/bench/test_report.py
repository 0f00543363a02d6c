"""From rounds to rows, and from rows to what a reader sees."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench import report, rows
from bench.findings import Grown, Shaken, ShakenTable, Step
from bench.rows import Compared, Row
from tests.unit.bench.made import ROUND, result, rounds, whole


def line(text: str, start: str) -> list[str]:
    found = next(row for row in text.splitlines() if row.startswith(f"| {start} |"))
    return [cell.strip() for cell in found.strip("|").split("|")]


@pytest.mark.parametrize(
    ("compared", "ratio"),
    [(Compared.PROXY, 0.5), (Compared.APP, 1.0), (Compared.BOTH, 0.75)],
)
def test_ratio_is_of_the_cpu_that_is_compared(compared: Compared, ratio: float) -> None:
    peer = rounds(proxy=40.0)
    assert rows.row("peer", "1", [peer] * 3, [ROUND] * 3, compared).ratio == ratio


def test_row_has_the_medians_of_its_rounds() -> None:
    taken = [rounds(app=app) for app in (30.0, 90.0, 40.0)]
    row = rows.row("peer", "1", taken, [], Compared.APP)
    assert (row.app, row.p999, row.proxy, row.ratio) == (40.0, 4.0, 20.0, None)


def test_spread_is_of_what_is_compared() -> None:
    taken = [rounds(app=app) for app in (30.0, 90.0, 40.0)]
    assert rows.row("peer", "1", taken, [], Compared.APP).spread == 0.25
    assert rows.row("peer", "1", taken, [], Compared.PROXY).spread == 0


def test_contender_without_proxy_has_no_figure_and_no_ratio_of_it() -> None:
    row = rows.row("floor", "1", [rounds(proxy=None)] * 2, [ROUND] * 2, Compared.PROXY)
    assert (row.proxy, row.ratio, row.app) == (None, None, 40.0)


def test_missing_contender_is_a_row_that_says_why() -> None:
    missing = Row("HAProxy", "", missing="there is no haproxy on this machine")
    cells = line(report.markdown(result(missing)), "HAProxy")
    assert cells[:2] == ["HAProxy", "missing: there is no haproxy on this machine"]
    assert set(cells[2:]) == {"-"}


def test_every_line_of_a_table_has_as_many_cells() -> None:
    made = whole()
    made.proxies[0].rows.append(Row("b", "", missing="x | y\nz"))
    made.shaken[0].rows.append(Shaken("b", "", "X25519", missing="cut"))
    made.grown.append(Grown("b", "", missing="closed with 1006"))
    for block in report.markdown(made).split("\n\n"):
        lines = [row for row in block.splitlines() if row.startswith("|")]
        assert len({row.count("|") for row in lines}) <= 1, block


def test_noisy_row_is_marked() -> None:
    text = report.markdown(result(Row("calm", "1", spread=0.02), Row("wild", "1", spread=0.3)))
    assert line(text, "calm")[-2] == "2%"
    assert line(text, "wild")[-2] == "30% noisy"


def test_noisy_run_says_first_that_it_is_no_result() -> None:
    noisy = result(Row("wss-stack", "1"), others=0.6)
    text = report.markdown(noisy, "![a plot](plot.svg)")
    assert text.startswith("**Too noisy: this run is no result** (other")
    assert text.index("no result") < text.index("plot.svg") < text.index("## In front of the app")


def test_quiet_run_says_how_quiet_it_was() -> None:
    text = report.markdown(result(Row("wss-stack", "1", spread=0.02)))
    assert text.startswith("Other programs took 1% of the machine; 0 of 1 rows are noisy.")


def test_noise_of_handshakes_and_fan_out_counts() -> None:
    made = result(Row("wss-stack", "1"))
    made.shaken = [ShakenTable([Shaken("wss-stack", "1", "X25519", spread=0.4)], [0.01])]
    assert (made.noise.noisy, made.noise.rows) == (1, 2)
    assert "1 of 2 rows differ" in made.noise.why_no_result


def test_each_thing_that_is_measured_has_its_table() -> None:
    text = report.markdown(whole())
    assert line(text, "`make up`") == ["`make up`", "1.20", "1", "0%"]
    assert "| wss-stack | 1 | X25519 | 500 | 0.0 | 2000 | 0% |" in text
    assert "| wss-stack | 1 | 1000 | 40.0 | 12.0 | 20.0 | 40.0 | 9.0 |" in text
    assert "| wss-stack | 1 | 0.25 | 1.50 |" in text
    assert "| nginx | 90 |" in text
    assert "### 10 clients" in text


def test_what_was_left_out_is_said_before_the_tables() -> None:
    made = whole()
    made.notes = ["proxies: stopped after its 240 s; not measured: 1 MiB, 1 connection"]
    text = report.markdown(made)
    assert text.index("- proxies: stopped after its 240 s") < text.index("## In front")


def test_contender_that_grows_no_further_shows_how_far_it_came() -> None:
    made = result(Row("wss-stack", "1"))
    step = Step(100, 1.0, 2.0, 3.0, 4.0, 5.0)
    made.grown = [Grown("Caddy", "2", "9 of 1000 connections: closed with 1006", [step])]
    found = [row for row in report.markdown(made).splitlines() if row.startswith("| Caddy")]
    assert "| 100 | 1.0 |" in found[0]
    assert "missing: 9 of 1000 connections" in found[1]


def test_json_has_the_figures_and_the_verdict(tmp_path: Path) -> None:
    made = whole()
    made.proxies[0].others[0] = 0.6
    made.write(tmp_path / "r.json")
    found = json.loads((tmp_path / "r.json").read_text())
    assert found["proxies"][0]["rows"][0]["app"] == 40.0
    assert found["waits"][0]["seconds"] == 1.2
    assert found["grown"][0]["steps"][1]["connections"] == 10_000
    assert found["noise"]["is_result"] is True  # the median window was quiet
    made.proxies = [made.proxies[0]]
    made.opened, made.shaken, made.fanouts, made.servers, made.deflate = None, [], [], [], []
    made.write(tmp_path / "r.json")
    found = json.loads((tmp_path / "r.json").read_text())
    assert found["noise"]["is_result"] is False
    assert "60%" in found["noise"]["why_no_result"]
