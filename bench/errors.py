"""What may go wrong while something is measured."""

from __future__ import annotations


class LoadError(Exception):
    """An echo that did not come, or that is not what was sent. The text is for a table."""
