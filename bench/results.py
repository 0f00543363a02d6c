"""What a run found: one object, written as JSON, read by the table and the plots."""

from __future__ import annotations

import json
import os
import platform
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import psutil

from bench import figures
from bench.figures import Noise
from bench.rows import Held, Table
from bench.waiting import Waited


@dataclass(frozen=True)
class Result:
    taken: str
    machine: str
    quick: bool
    rounds: int
    seconds: float  # of one window
    connections: int  # idle ones, for memory
    proxies: list[Table]
    servers: list[Table]
    deflate: list[Table]
    held: list[Held]
    waited: list[Waited]

    @property
    def tables(self) -> list[Table]:
        return [*self.proxies, *self.servers, *self.deflate]

    @property
    def noise(self) -> Noise:
        rows = [row for table in self.tables for row in table.rows if not row.missing]
        others = [value for table in self.tables for value in table.others]
        return figures.noise(others, [row.spread for row in rows])

    def write(self, path: Path) -> None:
        noise = self.noise
        why = {"is_result": not noise.why_no_result, "why_no_result": noise.why_no_result}
        whole = {**asdict(self), "noise": {**asdict(noise), **why}}
        path.write_text(json.dumps(whole, indent=1) + "\n")


def now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%d")


def machine() -> str:
    """In one line. Not its name: it is for a page that others read."""
    gib = psutil.virtual_memory().total / 2**30
    python = platform.python_version()
    system = f"{platform.system()} {platform.release().split('-')[0]}"
    return (
        f"{psutil.cpu_count()} cores, {_processor()}, {gib:.0f} GiB, {system}, Python {python}"
        f", load average {os.getloadavg()[0]:.1f} at the end"
    )


def _processor() -> str:
    path = Path("/proc/cpuinfo")
    lines = path.read_text().splitlines() if path.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()
