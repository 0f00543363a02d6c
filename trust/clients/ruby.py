"""Ruby, which reads OpenSSL's store, with net/http and with a gem for WebSockets.

The gem is websocket-driver, which comes with Rails. Other gems (websocket-client-simple)
do not verify by default, so a pass would show nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from trust.clients import processes, programs
from trust.clients.base import PROVEN_BY_ECHO, PROVEN_BY_GET, Cause, Proof, Target
from trust.commands import CommandError, Runner

_LOOK = """
puts RUBY_VERSION
%w[net/http websocket/driver].each { |name| begin require name; puts name; rescue LoadError; end }
"""
_NAMES = {"net/http": "net/http", "websocket/driver": "websocket-driver"}


@dataclass(frozen=True)
class Ruby:
    path: str
    version: str
    library: str
    kind: str = "ruby"

    @property
    def name(self) -> str:
        return f"Ruby {self.library}"

    def prove(self, target: Target, runner: Runner) -> Proof:
        return programs.prove(
            runner,
            target,
            (self.path, "echo.rb", self.library),
            "echo.rb",
            Cause.STORE,
            proven=PROVEN_BY_GET if self.library == "net/http" else PROVEN_BY_ECHO,
        )


def find(_: Mapping[str, str], runner: Runner, __: Path) -> Sequence[Ruby]:
    path = runner.which("ruby")
    if not path:
        return []
    try:
        said = runner.look(path, "-e", _LOOK, timeout=processes.SECONDS).out.split()
    except CommandError:
        return []
    version, libraries = said[:1], said[1:]
    return [Ruby(path, version[0], _NAMES[name]) for name in libraries if name in _NAMES]
