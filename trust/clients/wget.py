"""wget, which can only GET; its row says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from trust import distro
from trust.clients import processes
from trust.clients.base import PROVEN_BY_GET, Cause, Proof, Target, refused, unknown
from trust.commands import CommandError, Runner


@dataclass(frozen=True)
class Wget:
    path: str
    version: str
    gnu: bool
    kind: str = "wget"
    name: str = "wget"

    def prove(self, target: Target, runner: Runner) -> Proof:
        if not self.gnu:
            why = "this is BusyBox's wget, which does not verify certificates"
            return unknown(why, distro.install_command("wget", Path("/")))
        argv = (
            # A .wgetrc may turn verification off.
            *(self.path, "--no-verbose", "--tries=1", "--check-certificate"),
            # Without --no-hsts wget writes a file in the home folder.
            *(f"--timeout={processes.SECONDS:.0f}", "--no-hsts", "--output-document=-"),
            target.https,
        )
        try:
            with processes.scratch() as folder:
                # In English: in other languages the last line is the advice to turn
                # verification off.
                ended = processes.run(runner, argv, folder=folder, env={"LC_ALL": "C"})
        except CommandError as error:
            return unknown(str(error))
        return PROVEN_BY_GET if ended.code == 0 else refused(ended.words("ERROR:"), Cause.STORE)


def find(_: Mapping[str, str], runner: Runner, __: Path) -> Sequence[Wget]:
    path = runner.which("wget")
    if not path:
        return []
    try:
        said = runner.look(path, "--version").out
    except CommandError:
        said = ""
    # Wget2 is GNU's too, and prints "GNU Wget2".
    return [Wget(path, processes.first_version(said), "GNU Wget" in said)]
