"""python -m stack.documents: writes docs/settings.md and .env.example from the table of
settings (make docs). tests/unit/test_settings_table.py compares them with it."""

from __future__ import annotations

from certs import files
from certs.all_settings import ROWS
from certs.dotenv import CHECKOUT

_SETTINGS = """\
# Settings

From the environment, or from a file `.env` beside the Makefile, in both modes:
`cp .env.example .env`. The environment comes first, and an empty value counts as unset.

- Plain values without `$`, a `NAME=value` a line: Compose would interpolate a `$`.
- `make up` refuses a `.env` with a mistake; `make down`, `status` and `logs` go on.
- A setting on the command line holds for that start. For a setting to last, put it into `.env`.

| name | default | what it does |
|---|---|---|
{rows}

This page is written by `make docs` from `certs/all_settings.py`.
"""
_ENV_EXAMPLE = """\
# Every setting with its default. Copy to .env and uncomment what you change.
# The environment comes before this file. Plain values, no dollar signs.
# Written by make docs; docs/settings.md says more.
"""


def settings_page() -> str:
    """docs/settings.md."""
    rows = [
        f"| `{row.name}` | {f'`{row.default}`' if row.default else 'none'} | "
        f"{row.text or row.short} |"
        for row in ROWS
    ]
    return _SETTINGS.format(rows="\n".join(rows))


def env_example() -> str:
    """.env.example."""
    parts = [_ENV_EXAMPLE]
    for row in ROWS:
        comment = "\n".join(f"# {line}" for line in row.short.splitlines())
        parts.append(f"{comment}\n#{row.name}={row.default}\n")
    return "\n".join(parts)


def main() -> None:
    for path, text in (("docs/settings.md", settings_page()), (".env.example", env_example())):
        files.write(CHECKOUT / path, text.encode(), files.PUBLIC)
        print(f"wrote {path}")


if __name__ == "__main__":
    main()
