"""python -m certs, interrupted by Ctrl-C while it imports its commands."""

from __future__ import annotations

import runpy
import sys
from collections.abc import Sequence
from types import ModuleType


class Interrupt:
    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> None:
        if name == "certs.cli":
            raise KeyboardInterrupt


sys.meta_path.insert(0, Interrupt())
runpy.run_module("certs", run_name="__main__")
