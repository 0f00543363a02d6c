"""A contender: what is measured, and how it becomes a row that says why it is not."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata

from bench.programs import Programs, Tree
from certs.errors import RefusalError

log = logging.getLogger(__name__)

OURS = "wss-stack"
DOCKER = "wss-stack in Docker"
WITH_DEFLATE = "wss-stack with WS_DEFLATE=1"
UVICORN_TLS = "uvicorn's own TLS"
NO_TLS = "no proxy, no TLS"
NOT_OFFERED, OFFERED, TAKEN = "not offered", "offered, WS_DEFLATE=0", "taken, WS_DEFLATE=1"


@dataclass(frozen=True)
class Contender:
    name: str
    version: str
    url: str = ""
    proxy: Tree | None = None
    app: Tree | None = None
    missing: str = ""  # why it is not measured
    offers: bool = False  # whether its clients offer permessage-deflate

    @property
    def trees(self) -> list[Tree]:
        return [tree for tree in (self.proxy, self.app) if tree]


@dataclass(frozen=True)
class Entry:
    """A contender that is not started yet."""

    name: str
    start: Callable[[Programs], Contender]

    def started(self, programs: Programs) -> Contender:
        """Missing, with the reason, where that fails."""
        try:
            return self.start(programs)
        except (RefusalError, OSError, metadata.PackageNotFoundError) as error:
            log.warning("%s is not measured: %s", self.name, error)
            return Contender(self.name, "", missing=str(error))
