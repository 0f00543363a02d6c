"""Where a server behind nginx listens, and how nginx reaches it, by mode."""

from __future__ import annotations


def reached(mode: str, port: int) -> str:
    """From where nginx is. A container cannot reach this machine's loopback."""
    return f"127.0.0.1:{port}" if mode == "local" else f"host.docker.internal:{port}"


def bound(mode: str) -> str:
    return "127.0.0.1" if mode == "local" else "0.0.0.0"  # noqa: S104 # Docker's bridge
