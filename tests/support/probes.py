"""The path that the trust page opens."""

from __future__ import annotations

PROBE = "/.wss-stack/probe"
