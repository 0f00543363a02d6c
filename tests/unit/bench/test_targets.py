"""Where the stack wants to stand, and what the page says where it does not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bench import page, targets
from bench.contenders import DOCKER, OURS
from bench.findings import Grown, Shaken
from bench.results import Result
from bench.targets import Judged, Verdict
from bench.waiting import Waits
from certs.dotenv import CHECKOUT
from tests.unit.bench.made import whole


def judged(made: Result, what: str) -> Judged:
    return next(one for one in targets.judge(made) if one.what.startswith(what))


def test_every_target_is_met_by_figures_that_are_good_enough() -> None:
    for one in targets.judge(whole()):
        assert (one.verdict, one.why) == (Verdict.MET, ""), one


def test_nothing_measured_is_nothing_met() -> None:
    made = whole()
    made.proxies, made.servers, made.deflate, made.grown = made.proxies[:1], [], [], []
    made.proxies[0].rows.clear()
    made.shaken, made.waits = [], Waits()
    assert {one.verdict for one in targets.judge(made)} == {Verdict.MISSING}


@pytest.mark.parametrize("size", ["128 B", "16 KiB", "256 KiB"])
def test_dearer_proxy_falls_short_with_its_ratio_and_a_reason(size: str) -> None:
    made = whole()
    for table in made.proxies:
        table.rows[0] = replace(table.rows[0], proxy=50.0)
    one = judged(made, f"proxy CPU an echo, {size}")
    assert one.verdict == Verdict.SHORT
    assert "50 µs; HAProxy" in one.found
    assert one.why


def test_best_peer_counts_and_neither_docker_nor_what_has_no_proxy() -> None:
    made = whole()
    rows = made.proxies[0].rows
    rows += [
        replace(rows[0], contender=DOCKER, proxy=1.0),
        replace(rows[0], contender="Caddy", proxy=21.0),
        replace(rows[0], contender="no proxy, no TLS", proxy=None),
    ]
    assert "Caddy 21: 0.95 of it" in judged(made, "proxy CPU an echo, 128 B").found


def test_noisy_row_meets_no_target() -> None:
    made = whole()
    made.proxies[0].rows[1] = replace(made.proxies[0].rows[1], spread=0.4)
    assert judged(made, "proxy CPU an echo, 128 B").verdict == Verdict.NOISY


def test_run_that_is_no_result_meets_no_target() -> None:
    made = whole(STATUS=9.0)
    made.rounds = 2
    assert {one.verdict for one in targets.judge(made)} == {Verdict.NOISY}
    assert not any(one.why for one in targets.judge(made))


def test_offer_of_deflate_that_costs_falls_short() -> None:
    made = whole()
    made.deflate[0].rows[1] = replace(made.deflate[0].rows[1], app=60.0)
    one = judged(made, "app CPU where the client offers deflate")
    assert (one.verdict, one.found) == (Verdict.SHORT, "128 B 40 -> 60 µs")


def test_reason_for_memory_names_the_part_that_is_too_large() -> None:
    made = whole()
    step = replace(made.grown[0].steps[0], app_kib=25.0)
    made.grown[0] = Grown(OURS, "1", steps=[step])
    one = judged(made, "memory of an idle connection")
    assert one.verdict == Verdict.SHORT
    assert "in the app" in one.why
    assert "nginx" not in one.why


def test_fewer_connections_than_wanted_name_what_stopped_them() -> None:
    made = whole()
    made.grown[1] = Grown(DOCKER, "1", "300 of 10000 connections: closed with 1006", [])
    one = judged(made, "connections held at once")
    assert one.verdict == Verdict.SHORT
    assert "10000 without Docker, not measured in Docker" in one.found
    assert "300 of 10000 connections" in one.why


def test_docker_left_out_is_not_measured_rather_than_short() -> None:
    made = whole()
    made.grown[1] = Grown(DOCKER, "", "no Docker engine: no docker command was found")
    assert judged(made, "connections held at once").verdict == Verdict.MISSING


def test_better_nginx_for_handshakes_is_named() -> None:
    made = whole()
    made.shaken[0].rows.append(Shaken(DOCKER, "nginx 1.30.7", "X25519", server=300.0))
    one = judged(made, "CPU of a handshake")
    assert one.verdict == Verdict.SHORT
    assert "0.30 ms wss-stack in Docker (nginx 1.30.7)" in one.found


def test_slow_word_of_make_falls_short() -> None:
    one = judged(whole(STATUS=0.9), "`make status`")
    assert (one.verdict, one.found, one.wanted) == (Verdict.SHORT, "0.90 s", "0.4 s")


def test_page_shows_targets_before_tables_and_plots_between() -> None:
    text = page.page(whole())
    assert text.index("## Where it stands") < text.index("(pictures/performance-growth.svg)")
    assert text.index(".svg)") < text.index("## In front of the app")
    assert text.count(".svg)") == 3


def test_readme_gets_the_line_and_keeps_the_rest() -> None:
    readme = f"# Title\n\n{page.MARK}old figures\n\nrest\n"
    made = page.with_line(readme, whole())
    before, line, after = made.partition("Measured on 2026-11-26 (2 cores): 9000 echoes")
    assert before == f"# Title\n\n{page.MARK}"
    assert line
    assert "in µs: 20 with nginx 1.31.9, OpenSSL 3.5.1; HAProxy 3.2 25. All" in after
    assert after.endswith("(docs/performance.md).\n\nrest\n")
    assert page.with_line(made, whole()) == made


def test_readme_has_the_mark_once() -> None:
    assert (CHECKOUT / "README.md").read_text().count(page.MARK) == 1


def test_readme_without_the_mark_is_refused() -> None:
    with pytest.raises(ValueError, match=r"README\.md has no line"):
        page.with_line("# Title\n", whole())
