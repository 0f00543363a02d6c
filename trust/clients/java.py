"""Java: each JVM has a keystore of its own."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from trust import distro
from trust.clients import programs
from trust.clients.base import Cause, Proof, Target, Verdict, unknown
from trust.commands import CommandError, Runner

# java.net.http is there, and a source file is run as it is, from 11 on.
_FIRST = 11

_PROGRAM = """
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

public class Echo {
    public static void main(String[] arguments) {
        String url = arguments[1], text = arguments[2];
        CompletableFuture<String> echo = new CompletableFuture<>();
        WebSocket.Listener listener = new WebSocket.Listener() {
            @Override
            public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
                echo.complete(data.toString());
                return null;
            }
            @Override
            public void onError(WebSocket socket, Throwable error) {
                echo.completeExceptionally(error);
            }
        };
        try {
            HttpClient.newHttpClient().newWebSocketBuilder()
                .buildAsync(URI.create(url), listener).get(10, TimeUnit.SECONDS)
                .sendText(text, true).get(10, TimeUnit.SECONDS);
            System.out.println(echo.get(10, TimeUnit.SECONDS));
            System.exit(0);
        } catch (Throwable error) {
            while (error.getCause() != null) error = error.getCause();
            System.err.println(error);
            System.exit(1);
        }
    }
}
"""


@dataclass(frozen=True)
class Java:
    path: str
    version: str
    kind: str = "java"
    name: str = "Java"

    def prove(self, target: Target, runner: Runner) -> Proof:
        major = re.match(r"(?:1\.)?(\d+)", self.version)
        if major and int(major[1]) < _FIRST:
            return unknown(f"needs a JDK of version {_FIRST} or later", _jdk())
        proof = programs.prove(
            runner,
            target,
            (self.path, "-XX:TieredStopAtLevel=1", "Echo.java"),
            "Echo.java",
            _PROGRAM,
            Cause.STORE,
            marks=("jdk.compiler",),
        )
        if proof.verdict is Verdict.FAIL and "jdk.compiler" in proof.why:
            return unknown("needs a JDK: this is a runtime without the compiler", _jdk())
        return proof


def _jdk() -> str:
    """The command that installs one."""
    return distro.install_command("javac", Path("/"))


def find(env: Mapping[str, str], runner: Runner, _: Path) -> Sequence[Java]:
    """Of JAVA_HOME and on PATH."""
    home = env.get("JAVA_HOME")
    paths = [Path(home) / "bin" / "java"] if home else []
    on_path = runner.which("java")
    paths += [Path(on_path)] if on_path else []
    # /usr/bin/java is a link to a link to the one in its home.
    real = dict.fromkeys(path.resolve() for path in paths if path.exists())
    versions = {path: _version(runner, path) for path in real}
    return [Java(str(path), f"{said} ({path})") for path, said in versions.items() if said]


def _version(runner: Runner, path: Path) -> str:
    """ "" for one that does not start: macOS has a stub where there is none."""
    try:
        found = re.search(r'version "([^"]+)"', runner.look(str(path), "-version").err)
    except CommandError:
        return ""
    return found[1] if found else ""
