"""What a terminal shows after the bytes that were written to it: enough of one for our own.

Knows what rich and sudo write (ECMA-48; wrapping as xterm's). Anything else is a
ValueError, so that a screen is never shown wrongly in silence.
"""

from __future__ import annotations

import re
import unicodedata

_TOKEN = re.compile(
    r"\x1b\[(?P<private>\??)(?P<numbers>[\d;]*)(?P<final>[A-Za-z])|(?P<one>.)", re.S
)
COLOUR = re.compile(r"\x1b\[[\d;]*?(3|4|9|10)[0-8][\d;]*m")  # SGR 30 to 48, 90 to 108


class Screen:
    """rows: all of them, those that have scrolled away too."""

    def __init__(self, columns: int, lines: int) -> None:
        self.columns = columns
        self.lines = lines
        self.rows: list[list[str]] = [[]]
        self.cursor_is_shown = True
        self._row = self._column = 0

    @property
    def text(self) -> str:
        """Without the blanks at the ends of lines."""
        return "\n".join("".join(row).rstrip() for row in self.rows).rstrip("\n")

    def write(self, text: str) -> Screen:
        for token in _TOKEN.finditer(text):
            if token["one"]:
                self._character(token["one"])
            else:
                self._sequence(token[0], token["private"] + token["final"], token["numbers"])
        return self

    def _character(self, one: str) -> None:
        if one == "\r":
            self._column = 0
        elif one == "\n":
            self._down()
        elif one.isprintable() and unicodedata.east_asian_width(one) not in "WF":
            if self._column == self.columns:  # a full line wraps with the next character
                self._column = 0
                self._down()
            row = self.rows[self._row]
            row.extend(" " * (self._column + 1 - len(row)))
            row[self._column] = one
            self._column += 1
        elif one != "\a":
            raise ValueError(f"a terminal would have to know {one!r}")

    def _sequence(self, whole: str, kind: str, numbers: str) -> None:
        match kind, numbers:
            case "m", _:
                pass
            case "?l" | "?h", "25":
                self.cursor_is_shown = kind == "?h"
            case "A", _:
                top = max(0, len(self.rows) - self.lines)  # what has scrolled away stays
                self._row = max(top, self._row - int(numbers or 1))
            case "K", "2":
                self.rows[self._row].clear()
            case _:
                raise ValueError(f"a terminal would have to know {whole!r}")

    def _down(self) -> None:
        self._row += 1
        if self._row == len(self.rows):
            self.rows.append([])
