"""What the clients that run a small program of this project share.

The programs are in the folder echo. Such a program is told, as arguments, the port,
the address, the text, and for those without a WebSocket of their own the handshake,
the frame and the reply in hexadecimal. It prints the text when that came back;
anything else it says is why it did not.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from trust.clients import processes
from trust.clients.base import PROVEN_BY_ECHO, Cause, Proof, Target, refused, unknown
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
    timeout: float = 3 * processes.SECONDS,
    marks: Sequence[str] = (),
    proven: Proof = PROVEN_BY_ECHO,
) -> Proof:
    """Copies the program, a file of the folder echo, to an empty folder, and runs it there.

    argv: what runs it, up to its arguments. marks: see processes.words. proven:
        what it means that it passed.
    """
    conversation = Conversation(target)
    try:
        ended = _run(runner, argv, file, conversation, env, timeout)
    except CommandError as error:
        return unknown(str(error))
    if ended.code == 0 and ended.out.split()[-1:] == [conversation.text]:
        return proven
    return refused(ended.words(*marks), cause)


def _run(
    runner: Runner,
    argv: Sequence[str],
    file: str,
    conversation: Conversation,
    env: Mapping[str, str] | None,
    timeout: float,
) -> Ended:
    target = conversation.target
    sent = (conversation.request(), conversation.frame(), conversation.reply())
    arguments = [str(target.port), target.wss, conversation.text, *(data.hex() for data in sent)]
    with processes.scratch() as folder:
        shutil.copyfile(_PROGRAMS / file, folder / file)
        return processes.run(runner, [*argv, *arguments], folder=folder, env=env, timeout=timeout)
