"""The plots: SVG files beside the tables."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench.results import Result
from bench.rows import Table

PLOTS = ("performance-proxies", "performance-servers")


def draw(result: Result, folder: Path) -> None:
    """One file for each of PLOTS."""
    with tempfile.TemporaryDirectory() as scratch:
        # Else it would write to the home folder.
        os.environ["MPLCONFIGDIR"] = scratch
        proxies, servers = (folder / f"{name}.svg" for name in PLOTS)
        _bars(result.proxies, "proxy", "CPU of the proxy, microseconds an echo", proxies)
        _bars(result.servers, "app", "CPU of the app, microseconds an echo", servers)


def _bars(tables: Sequence[Table], value: str, title: str, path: Path) -> None:
    """A panel for each case: their scales have nothing in common."""
    import matplotlib as mpl

    mpl.use("svg")
    from matplotlib import pyplot

    # Text stays text, and the file is the same for the same figures.
    mpl.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "bench", "font.size": 8})
    figure, panels = pyplot.subplots(
        len(tables), 1, figsize=(6.5, 1.2 * len(tables) + 0.4), squeeze=False, layout="constrained"
    )
    figure.suptitle(title)
    for table, panel in zip(tables, panels[:, 0], strict=True):
        shown = [row for row in table.rows if not row.missing and getattr(row, value) is not None]
        names = [row.contender for row in shown]
        bars = panel.barh(names, [getattr(row, value) for row in shown], color="#8a9bb0")
        if bars:
            bars[0].set_color("#1f6f54")
        panel.bar_label(bars, fmt="%.0f", padding=2)
        panel.invert_yaxis()
        panel.margins(x=0.1)
        panel.set_title(table.case, fontsize=8, loc="left")
        panel.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)
