"""`make bench QUICK=1`, once: that it works. How fast anything is, is no test's."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from bench.contenders import DOCKER, OURS
from bench.plots import PLOTS
from certs.dotenv import CHECKOUT

PYTHON = CHECKOUT / ".venv-bench" / "bin" / "python"


def test_make_passes_the_short_form_on() -> None:
    for given, argument in {"QUICK=1": "--quick", "PAGE=1": "--page"}.items():
        told = ["make", "--dry-run", "bench", given]
        done = subprocess.run(told, cwd=CHECKOUT, capture_output=True, text=True, check=True)
        assert f"-m bench {argument}" in " ".join(done.stdout.split())


@pytest.mark.programs
def test_short_form_measures_every_contender_that_is_there(tmp_path: Path) -> None:
    if not PYTHON.exists():
        pytest.skip("no packages of the benchmark: make .venv-bench/made")
    command = [str(PYTHON), "-m", "bench", "--quick", "--out", str(tmp_path)]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads((tmp_path / "result.json").read_text())
    for comparison in ("proxies", "servers", "deflate"):
        for table in found[comparison]:
            rows = {row["contender"]: row for row in table["rows"]}
            for name, row in rows.items():
                if name == DOCKER:
                    assert row["missing"] == "the short form leaves Docker out"
                elif name == "HAProxy":  # no package of PyPI
                    assert row["missing"] or row["per_second"] > 0
                else:
                    assert (row["missing"], row["per_second"] > 0) == ("", True), row
    ours = found["proxies"][0]["rows"][0]
    assert ours["contender"] == OURS
    assert min(ours["proxy"], ours["app"], ours["load"], ours["p50"]) > 0
    assert ours["p999"] >= ours["p99"] >= ours["p50"]
    assert found["notes"] == []
    opened = next(row for row in found["opened"]["rows"] if row["contender"] == OURS)
    assert opened["most"] >= opened["p999"] >= opened["p50"] > 0
    shaken = {(r["contender"], r["group"]): r for t in found["shaken"] for r in t["rows"]}
    assert shaken[OURS, "X25519"]["server"] > 0
    assert shaken["Caddy", "X25519MLKEM768"]["server"] > 0
    fanned = found["fanouts"][0]["rows"][0]
    assert (fanned["contender"], fanned["missing"], fanned["app"] > 0) == (OURS, "", True)
    assert [step["connections"] for step in found["grown"][0]["steps"]] == [1, 20]
    assert "## Behind nginx" in (tmp_path / "report.md").read_text()
    assert {path.stem for path in tmp_path.glob("*.svg")} == set(PLOTS)
