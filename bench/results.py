"""What a run found: one object, written as JSON after each section, read by tables and plots."""

from __future__ import annotations

import json
import os
import platform
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil

from bench import figures
from bench.figures import Noise
from bench.findings import FanTable, Grown, OpenTable, Shaken, ShakenTable
from bench.rows import Row, Table
from bench.waiting import Waited, Waits


@dataclass
class Result:
    taken: str
    machine: str
    quick: bool
    rounds: int
    seconds: float  # of one window
    proxies: list[Table] = field(default_factory=list)
    servers: list[Table] = field(default_factory=list)
    deflate: list[Table] = field(default_factory=list)
    opened: OpenTable | None = None
    shaken: list[ShakenTable] = field(default_factory=list)
    fanouts: list[FanTable] = field(default_factory=list)
    grown: list[Grown] = field(default_factory=list)
    waits: Waits = field(default_factory=Waits)
    images: dict[str, float] = field(default_factory=dict)  # MiB, by service
    notes: list[str] = field(default_factory=list)  # what was left out, and why
    took: dict[str, float] = field(default_factory=dict)  # seconds, by section

    @property
    def tables(self) -> list[Table]:
        return [*self.proxies, *self.servers, *self.deflate]

    @property
    def waited(self) -> list[Waited]:
        return self.waits.rows()

    def waited_for(self, what: str) -> Waited | None:
        return next((one for one in self.waited if one.what == what and one.times), None)

    def row(self, tables: list[Table], size: int, connections: int, contender: str) -> Row | None:
        """None where it was not measured."""
        found = [t for t in tables if (t.case.size, t.case.connections) == (size, connections)]
        return found[0].row(contender) if found else None

    def handshakes(self, group: str) -> list[Shaken]:
        rows = [row for table in self.shaken for row in table.rows]
        return [row for row in rows if row.group == group and not row.missing]

    @property
    def noise(self) -> Noise:
        """Latencies do not count: a percentile of few windows always differs."""
        groups: list[Table | ShakenTable | FanTable] = [*self.tables, *self.shaken, *self.fanouts]
        spreads = [row.spread for group in groups for row in group.rows if not row.missing]
        others = [value for group in groups for value in group.others]
        others += self.opened.others if self.opened else []
        return figures.noise(others, spreads, self.rounds)

    def write(self, path: Path) -> None:
        noise = self.noise
        why = {"is_result": not noise.why_no_result, "why_no_result": noise.why_no_result}
        whole: dict[str, Any] = {one.name: getattr(self, one.name) for one in fields(self)}
        whole |= {"waits": self.waited, "noise": {**asdict(noise), **why}}
        path.write_text(json.dumps(whole, default=asdict, indent=1) + "\n")


def now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%d")


def machine() -> str:
    """In one line. Not its name: it is for a page that others read."""
    gib = psutil.virtual_memory().total / 2**30
    python = platform.python_version()
    system = f"{platform.system()} {platform.release().split('-')[0]}"
    return (
        f"{psutil.cpu_count()} cores, {_processor()}, {gib:.0f} GiB, {system}, Python {python}, "
        f"load average {os.getloadavg()[0]:.1f} at the start"
    )


def _processor() -> str:
    path = Path("/proc/cpuinfo")
    lines = path.read_text().splitlines() if path.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()
