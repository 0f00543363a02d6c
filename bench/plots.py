"""The plots: SVG files beside the tables."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from bench.findings import Step
from bench.results import Result
from bench.rows import Table

PLOTS = {
    "performance-proxies": "CPU of the proxies for an echo, by size of the message",
    "performance-servers": "CPU of the app servers for an echo, by size of the message",
    "performance-growth": "Memory and CPU from 1 connection to as many as are held",
}
_OURS, _OTHER = "#1f6f54", "#8a9bb0"


def draw(result: Result, folder: Path) -> None:
    """One file for each of PLOTS."""
    with tempfile.TemporaryDirectory() as scratch:
        # Else it would write to the home folder.
        os.environ["MPLCONFIGDIR"] = scratch
        # Each may be looked at without the page.
        what = "microseconds an echo"
        if result.noise.why_no_result:
            what += " (too noisy: no result)"
        proxies, servers, growth = (folder / f"{name}.svg" for name in PLOTS)
        _bars(result.proxies, "proxy", f"CPU of the proxy, {what}", proxies)
        _bars(result.servers, "app", f"CPU of the app, {what}", servers)
        _lines(result, growth)


def _pyplot() -> Any:
    import matplotlib as mpl

    mpl.use("svg")
    from matplotlib import pyplot

    # Text stays text, and the file is the same for the same figures.
    mpl.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "bench", "font.size": 8})
    return pyplot


def _save(figure: Any, path: Path) -> None:
    figure.savefig(path, metadata={"Date": None})
    _pyplot().close(figure)


def _bars(tables: Sequence[Table], value: str, title: str, path: Path) -> None:
    """A panel for each case: their scales have nothing in common."""
    count = max(1, len(tables))
    figure, panels = _pyplot().subplots(
        count, 1, figsize=(6.5, 1.4 * count + 0.4), squeeze=False, layout="constrained"
    )
    figure.suptitle(title)
    for table, panel in zip(tables, panels[:, 0], strict=False):
        shown = [row for row in table.rows if not row.missing and getattr(row, value) is not None]
        names = [row.contender for row in shown]
        bars = panel.barh(names, [getattr(row, value) for row in shown], color=_OTHER)
        if bars:
            bars[0].set_color(_OURS)
        panel.bar_label(bars, fmt="%.0f", padding=2)
        panel.invert_yaxis()
        panel.margins(x=0.1)
        panel.set_title(table.case.label, fontsize=8, loc="left")
        panel.spines[["top", "right"]].set_visible(False)
    _save(figure, path)


def _both(step: Step) -> float | None:
    """MiB of proxy and app together; of few connections it may be less than the noise."""
    known = [kib for kib in (step.proxy_kib, step.app_kib) if kib is not None]
    return max(0.0, sum(known) * step.connections / 1024) if known else None


_PANELS: tuple[tuple[str, Callable[[Step], float | None]], ...] = (
    ("memory of all connections, MiB (proxy and app)", _both),
    ("CPU of the proxy, microseconds an echo of 128 B", lambda step: step.proxy),
    ("CPU of the app, microseconds an echo of 128 B", lambda step: step.app),
)


def _lines(result: Result, path: Path) -> None:
    figure, panels = _pyplot().subplots(
        len(_PANELS), 1, figsize=(6.5, 7.5), sharex=True, layout="constrained"
    )
    figure.suptitle("What grows with the number of open connections")
    for (title, value), panel in zip(_PANELS, panels, strict=True):
        for number, one in enumerate(result.grown):
            points = [(step.connections, value(step)) for step in one.steps]
            points = [(x, y) for x, y in points if y is not None]
            if points:
                x, y = zip(*points, strict=True)
                style = {"color": _OURS, "linewidth": 2.5} if number == 0 else {"linewidth": 1}
                panel.plot(x, y, marker="o", markersize=3, label=one.contender, **style)
        panel.set_title(title, fontsize=8, loc="left")
        panel.set_xscale("log")
        panel.set_ylim(bottom=0)
        panel.spines[["top", "right"]].set_visible(False)
    panels[-1].set_xlabel("open connections")
    if panels[0].get_legend_handles_labels()[0]:
        panels[0].legend(fontsize=7, frameon=False)
    _save(figure, path)
