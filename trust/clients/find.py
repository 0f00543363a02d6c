"""Finds every client on this machine."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from trust.clients import (
    chromium,
    curl,
    dotnet,
    firefox,
    go,
    java,
    javascript,
    openssl,
    php,
    python,
    ruby,
    wget,
)
from trust.clients.base import Client
from trust.commands import Runner

_FINDERS = (
    *(openssl.find, curl.find, wget.find, python.find),
    *(javascript.find, php.find, ruby.find, go.find, java.find, dotnet.find),
    *(chromium.find, firefox.find),
)


def find_all(env: Mapping[str, str], runner: Runner, fs: Path = Path("/")) -> list[Client]:
    """Every client on this machine, browsers last: they take longest."""
    return [client for find in _FINDERS for client in find(env, runner, fs)]
