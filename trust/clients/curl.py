"""curl, which carries WebSocket's bytes: few builds have its own WebSocket support."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from trust.clients import processes
from trust.clients.base import PROVEN_BY_ECHO, Cause, Proof, Target, Verdict, refused, unknown
from trust.clients.wire import Conversation, answered
from trust.commands import CommandError, Runner

_BETWEEN = 0.1  # seconds


@dataclass(frozen=True)
class Curl:
    path: str
    version: str
    kind: str = "curl"
    name: str = "curl"

    def prove(self, target: Target, runner: Runner) -> Proof:
        conversation = Conversation(target)
        try:
            with (
                processes.scratch() as folder,
                processes.started(runner, self._argv(conversation), folder=folder) as client,
            ):
                # curl shows received bytes only when it has bytes to send, so the frame
                # is sent again until there is an answer.
                for _ in range(round(processes.SECONDS / _BETWEEN)):
                    client.write(conversation.frame())
                    if client.until(lambda: conversation.echoed(client.out()), _BETWEEN):
                        return PROVEN_BY_ECHO
                    if client.ended():
                        break
                answer, said = client.out(), client.err()
        except CommandError as error:
            return unknown(str(error))
        if conversation.upgraded(answer):
            return Proof(Verdict.PASS, "a verified WebSocket handshake; no frame came back")
        if answer:
            return answered(answer)
        return refused(processes.words(said, "curl: ("), Cause.STORE)

    def _argv(self, conversation: Conversation) -> list[str]:
        argv = [self.path, "--silent", "--show-error", "--no-buffer", "--include", "--http1.1"]
        # A .curlrc may turn verification off.
        argv += ["--no-insecure", "--max-time", str(processes.SECONDS)]
        # A GET whose body is standard input, without chunks and without waiting for a
        # 100 Continue.
        argv += ["--request", "GET", "--upload-file", "-"]
        argv += ["--header", "Transfer-Encoding:", "--header", "Expect:"]
        for name, value in conversation.headers().items():
            argv += ["--header", f"{name}: {value}"]
        target = conversation.target
        return [*argv, f"https://localhost:{target.port}{target.path}"]


def find(_: Mapping[str, str], runner: Runner, __: Path) -> Sequence[Curl]:
    path = runner.which("curl")
    return [Curl(path, processes.version(runner, path, "--version"))] if path else []
