"""python -m tests.support.swarm_page: writes the table of docs/swarm.md from what the tests saw
last."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from certs import files
from certs.dotenv import CHECKOUT
from tests.support.crowd import SILENT, Seen

_FOLDER = CHECKOUT / "test-results" / "swarm"
_PAGE = CHECKOUT / "docs" / "swarm.md"
_BEGIN, _END = "<!-- made by make swarm-test -->", "<!-- end -->"


def record(case: str, seen: Seen, healthy: Sequence[str], *, place: int, refused: str = "") -> None:
    """A row of the table.

    healthy: the addresses of the nodes that nothing happens to. place: of the row, among all.
    refused: in words, instead of their number by these nodes.
    """
    through = seen.codes(*healthy)
    row = {
        "case": case,
        "sockets cut": _codes(seen),
        "of these, through other nodes": sum(through.values()),
        "the last after (s)": round(max((end.at for end in seen.ends), default=0.0), 1)
        if seen.ends
        else "",
        "new connections, through other nodes": sum(seen.newcomers[node] for node in healthy),
        "refused": refused or len(seen.refusals(*healthy)),
        "longest echo (s)": round(seen.worst, 2),
    }
    _FOLDER.mkdir(parents=True, exist_ok=True)
    name = re.sub(r"\W+", "-", case.lower())[:60]
    data = json.dumps({"place": place, "row": row}, indent=2).encode()
    files.write(_FOLDER / f"{name}.json", data, files.PUBLIC)


def _codes(seen: Seen) -> str:
    counts = sorted(seen.codes().items())
    return ", ".join(f"{count} x {'silence' if code == SILENT else code}" for code, count in counts)


def table() -> str:
    found = [json.loads(path.read_bytes()) for path in sorted(_FOLDER.glob("*.json"))]
    rows = [one["row"] for one in sorted(found, key=lambda one: int(one["place"]))]
    lines = [list(rows[0]), ["---"] * len(rows[0])]
    lines += [[str(value) or "-" for value in row.values()] for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main() -> None:
    text = _PAGE.read_text()
    before, _, rest = text.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    files.write(_PAGE, f"{before}{_BEGIN}\n{table()}\n{_END}{after}".encode(), files.PUBLIC)
    print(f"wrote {_PAGE.relative_to(CHECKOUT)}")


if __name__ == "__main__":
    main()
