"""The limits that docs/your-app.md and nginx's refusals name are those of its configuration."""

from __future__ import annotations

import re

from certs.dotenv import CHECKOUT

SNIPPETS = CHECKOUT / "nginx" / "snippets"
UNITS = {"s": "s", "m": "MiB", "h": "h"}


def configured() -> dict[str, str]:
    """Directive -> its values, as a sentence has them: 16 MiB, 60 s and 1 h."""
    text = "".join((SNIPPETS / name).read_text() for name in ("limits.conf", "to_app.conf"))
    limit = re.compile(r"^ *(\w+_(?:timeout|body_size)) (\d+)([smh]);", re.MULTILINE)
    return {f"{name} {n}{unit}": f"{n} {UNITS[unit]}" for name, n, unit in limit.findall(text)}


def test_each_is_documented() -> None:
    text = (CHECKOUT / "docs" / "your-app.md").read_text()
    section = text.partition("\n## Limits\n")[2].partition("\n## ")[0]
    limits = re.findall(r"^\|[^|]+\| (\d+ \w+)", section, re.MULTILINE)
    assert len(configured()) >= len(limits) >= 7
    assert set(configured().values()) == set(limits)


def test_the_refusal_of_a_body_names_its_limit() -> None:
    (limit,) = (value for name, value in configured().items() if "body_size" in name)
    refusals = (SNIPPETS / "to_app.conf").read_text()
    assert f"larger than {limit}, " in refusals
