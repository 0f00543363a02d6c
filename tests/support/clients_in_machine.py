"""The clients of the test machine, asked without the project's own code: a second opinion."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from tests.support.machine import INSIDE, PAGE_PORT, Machine

# No user namespaces in a container without privileges, hence no sandbox. It has
# nothing to do with certificates.
CHROMIUM = ("chromium", "--headless", "--no-sandbox")
FIREFOX = ("firefox-esr", "--headless")
# Clients as their makers publish them, which is not how Debian does: see .ci/test-machine.
PUBLISHED = "/opt/clients/bin"
WITH_PUBLISHED = {"PATH": f"{PUBLISHED}:/usr/local/bin:/usr/bin:/bin"}
# Sets the variables that `make env` prints, in a shell of its own.
_WITH_ENV = ("sh", "-c", 'eval "$(make -s env)" && exec "$@"', "sh")


@dataclass(frozen=True)
class Answer:
    accepted: bool
    words: str = ""  # the client's own, where it has any


Answers = dict[str, Answer]  # by target, host:port


def curl(machine: Machine, *targets: str) -> Answers:
    options = ("--silent", "--show-error", "--max-time", "10", "--output", "/dev/null")
    return {t: _exits(machine, 60, "curl", *options, f"https://{t}/") for t in targets}


def wget(machine: Machine, *targets: str) -> Answers:
    options = ("--no-verbose", "--tries=1", "--timeout=10", "--output-document=/dev/null")
    return {t: _exits(machine, 5, "wget", *options, f"https://{t}/") for t in targets}


def openssl(machine: Machine, *targets: str) -> Answers:
    return {target: _s_client(machine, target) for target in targets}


def _s_client(machine: Machine, target: str) -> Answer:
    host = target.rpartition(":")[0]
    name = ("-verify_ip", host) if host.replace(".", "").isdigit() else ("-verify_hostname", host)
    command = ("openssl", "s_client", "-brief", "-verify_return_error", "-connect", target, *name)
    done = machine.run("sh", "-c", f"{shlex.join(command)} </dev/null", check=False)
    if done.returncode == 0:
        assert "Verification: OK" in done.stderr, done.stderr
        return Answer(True)
    assert "certificate verify failed" in done.stderr, done.stderr
    return Answer(False, done.stderr)


def python(machine: Machine, *targets: str) -> Answers:
    return _prints(machine, "python3", f"{INSIDE}/tls.py", *targets)


def node(machine: Machine, *targets: str) -> Answers:
    return _prints(machine, "node", f"{INSIDE}/tls.js", *targets)


def java(machine: Machine, *targets: str) -> Answers:
    return _prints(machine, "java", f"{INSIDE}/Wss.java", *targets)


def go(machine: Machine, *targets: str) -> Answers:
    return _prints(machine, f"{PUBLISHED}/go", "run", f"{INSIDE}/tls.go", *targets)


def bun(machine: Machine, *targets: str) -> Answers:
    """It brings a bundle too, but reads the system's as well."""
    return _prints(machine, f"{PUBLISHED}/bun", "--no-install", f"{INSIDE}/fetch.mjs", *targets)


def chromium(machine: Machine, *targets: str) -> Answers:
    return _browser(machine, CHROMIUM, *targets)


def firefox(machine: Machine, *targets: str) -> Answers:
    return _browser(machine, FIREFOX, *targets)


def _browser(machine: Machine, command: tuple[str, ...], *targets: str) -> Answers:
    script = ("python3", f"{INSIDE}/page.py", str(PAGE_PORT))
    return _prints(machine, *script, *command, "--", *targets)


Client = Callable[..., Answers]  # (machine, *targets)

CLIENTS: Mapping[str, Client] = {
    "curl": curl,
    "wget": wget,
    "openssl": openssl,
    "python": python,
    "node": node,
    "java": java,
    "go": go,
    "bun": bun,
    "chromium": chromium,
    "firefox": firefox,
}

BROWSERS = {"chromium", "firefox"}

# Clients that bring a bundle of their own: what runs them.
BUNDLED: Mapping[str, tuple[str, ...]] = {
    "requests": (f"{PUBLISHED}/python3", f"{INSIDE}/got.py", "requests"),
    "httpx": (f"{PUBLISHED}/python3", f"{INSIDE}/got.py", "httpx"),
    "node": (f"{PUBLISHED}/node", f"{INSIDE}/fetch.mjs"),
    "deno": (f"{PUBLISHED}/deno", "run", "--quiet", "--allow-net", f"{INSIDE}/fetch.mjs"),
}


def bundled(machine: Machine, client: str, *targets: str, with_env: bool) -> Answers:
    """with_env: with the variables of `make env`."""
    before = _WITH_ENV if with_env else ()
    return _prints(machine, *before, *BUNDLED[client], *targets)


def accepting(machine: Machine, target: str = "localhost:8443") -> dict[str, bool]:
    """Each client's answer. Raises AssertionError where one fails for another reason.

    The browsers take turns, as their pages come from one port; the others go on beside.
    """

    def ask(names: Iterable[str]) -> dict[str, bool]:
        return {name: CLIENTS[name](machine, target)[target].accepted for name in names}

    with ThreadPoolExecutor() as threads:
        others = threads.submit(ask, CLIENTS.keys() - BROWSERS)
        return ask(BROWSERS) | others.result()


ALL = dict.fromkeys(CLIENTS, True)
NONE = dict.fromkeys(CLIENTS, False)


def _exits(machine: Machine, refusal: int, *argv: str) -> Answer:
    """Of a program whose exit status `refusal` speaks of the certificate alone."""
    done = machine.run(*argv, check=False)
    assert done.returncode in (0, refusal), f"{argv} exited with {done.returncode}: {done.stderr}"
    return Answer(done.returncode == 0, done.stderr)


def _prints(machine: Machine, *argv: str) -> Answers:
    """Of a program that prints an answer a line, and fails for any other reason."""
    rows = map(json.loads, machine.run(*argv).stdout.splitlines())
    return {row["target"]: Answer(row["accepted"], row["words"]) for row in rows}
