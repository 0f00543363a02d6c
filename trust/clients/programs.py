"""The proof by a small program of this project, for clients that are languages.

The programs are in the folder echo. Their arguments are the port, the address and the text;
then, in hexadecimal, the handshake, the frame and the reply, for languages without a
WebSocket. A program prints the text if it came back, else the reason why it did not.
"""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from trust.clients import processes
from trust.clients.base import AGAIN, PROVEN_BY_ECHO, Cause, Proof, Target, refused, unknown
from trust.clients.processes import Ended
from trust.clients.wire import Conversation
from trust.commands import CommandError, Runner

_PROGRAMS = Path(__file__).with_name("echo")


def prove(
    runner: Runner,
    target: Target,
    argv: Sequence[str],
    file: str,
    cause: Cause,
    *,
    env: Mapping[str, str] | None = None,
    folders: Mapping[str, str] | None = None,
    timeout: float = 3 * processes.SECONDS,
    marks: Sequence[str] = (),
    proven: Proof = PROVEN_BY_ECHO,
) -> Proof:
    """Copies the program, a file of the folder echo, to an empty folder, and runs it there.

    argv: the command before the program's arguments. folders: made beside the program, each
        named by a variable. marks: see processes.words. proven: the Proof of a pass.
    """
    conversation = Conversation(target)
    sent = (conversation.request(), conversation.frame(), conversation.reply())
    arguments = [str(target.port), target.wss, conversation.text, *(data.hex() for data in sent)]
    with processes.scratch() as folder:
        shutil.copyfile(_PROGRAMS / file, folder / file)
        made = {name: folder / inside for name, inside in (folders or {}).items()}
        for path in made.values():
            path.mkdir()
        env = {**(env or {}), **{name: str(path) for name, path in made.items()}}
        try:
            ended = processes.run(
                runner, [*argv, *arguments], folder=folder, env=env, timeout=timeout
            )
        except CommandError as error:
            return unknown(str(error))
        if ended.code == 0 and ended.out.split()[-1:] == [conversation.text]:
            return proven
        return _never_ran(ended, runner, folder) or refused(ended.words(*marks), cause)


def _never_ran(ended: Ended, runner: Runner, folder: Path) -> Proof | None:
    """The Proof if the program was compiled into a folder where no program may run."""
    if "ermission denied" not in ended.out + ended.err:
        return None
    places = {"GOTMPDIR": runner.env.get("GOTMPDIR"), "TMPDIR": str(folder.parent)}
    for name, place in places.items():
        if place and may_not_run_programs(Path(place)):
            why = f"it compiles to {place}, which is mounted noexec: no program may run there"
            return unknown(why, f"{name}={_elsewhere(runner)} {AGAIN}")
    return None


def may_not_run_programs(folder: Path) -> bool:
    """Whether the folder exists on a file system that is mounted noexec."""
    return folder.is_dir() and bool(os.statvfs(folder).f_flag & os.ST_NOEXEC)


def _elsewhere(runner: Runner) -> str:
    """A folder for temporary files in which programs may run."""
    for place in (Path("/var/tmp"), Path(runner.env.get("HOME") or "/")):  # noqa: S108
        if os.access(place, os.W_OK) and not may_not_run_programs(place):
            return shlex.quote(str(place))
    return "/a/folder/that/is/not/noexec"
