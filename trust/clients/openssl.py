"""openssl s_client: the library with which most programs verify, and its own store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from trust.clients import processes
from trust.clients.base import PROVEN_BY_ECHO, Cause, Proof, Target, refused, unknown
from trust.clients.wire import Conversation, answered
from trust.commands import CommandError, Runner


@dataclass(frozen=True)
class OpenSSL:
    path: str
    version: str
    kind: str = "openssl"
    name: str = "openssl"

    def prove(self, target: Target, runner: Runner) -> Proof:
        conversation = Conversation(target)
        argv = (
            # -quiet: s_client reads no commands from its input (a line that begins
            # with Q would end it), and stays after the end of its input.
            *(self.path, "s_client", "-quiet"),
            *("-connect", f"localhost:{target.port}", "-servername", "localhost"),
            *("-verify_return_error", "-verify_hostname", "localhost"),
        )
        try:
            with (
                processes.scratch() as folder,
                processes.started(runner, argv, folder=folder) as client,
            ):
                client.write(conversation.request())
                if client.until(lambda: conversation.upgraded(client.out()), processes.SECONDS):
                    client.write(conversation.frame())
                    client.until(lambda: conversation.echoed(client.out()), processes.SECONDS)
                answer, said = client.out(), client.err()
        except CommandError as error:
            return unknown(str(error))
        if conversation.echoed(answer):
            return PROVEN_BY_ECHO
        if "nknown option" in said:  # -verify_hostname came with 1.0.2
            return unknown(processes.words(said, "nknown option"))
        if answer:
            return answered(answer)
        return refused(processes.words(said, "verify error", ":error:"), Cause.STORE)


def find(_: Mapping[str, str], runner: Runner, __: Path) -> Sequence[OpenSSL]:
    path = runner.which("openssl")
    try:
        said = runner.look(path, "version").out if path else ""
    except CommandError:
        said = ""
    # LibreSSL's s_client (macOS) does not check host names (-verify_hostname), so a
    # pass would show nothing.
    if not path or said.startswith("LibreSSL"):
        return []
    return [OpenSSL(path, processes.first_version(said))]
