"""The recipes of docs/public.md, run as they are written there."""

from __future__ import annotations

import os
import re
import shlex
import ssl
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509

from certs.dotenv import CHECKOUT
from tests.support.pebble import Pebble
from tests.support.running import Running

DAYS = 20  # of a certificate: certbot and lego renew what has less than 30 left
_PAGE = CHECKOUT / "docs/public.md"
# A test has ports of its own, on the loopback.
_OF_A_PUBLIC_MACHINE = {"BIND", "HTTP_PORT", "HTTPS_PORT"}


def blocks(heading: str) -> list[list[str]]:
    """The lines of each block of code below this heading."""
    _, _, text = _PAGE.read_text().partition(f"\n## {heading}\n")
    section = text.partition("\n## ")[0]
    found = re.findall(r"^ *```sh\n(.*?)^ *```", section, re.MULTILINE | re.DOTALL)
    assert found, f"{_PAGE} has no recipe below {heading!r}"
    return [[line.strip() for line in block.splitlines()] for block in found]


@dataclass
class Recipe:
    """Runs the lines of a recipe: settings are for the next `make up`.

    folder: has the place of the folders in /etc and /var.
    """

    stack: Running
    acme: Pebble
    folder: Path
    _settings: dict[str, str] = field(default_factory=dict)

    def run(self, lines: list[str]) -> None:
        for line in lines:
            if re.fullmatch(r"[A-Z_]+=\S*", line):
                name, _, value = line.partition("=")
                if name not in _OF_A_PUBLIC_MACHINE:
                    self._settings[name] = self._here(value)
            elif line == "make up":
                self.up()
            else:
                done = self.command(line)
                assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"

    def up(self) -> None:
        self.stack.up(**self._settings)

    def command(self, line: str) -> subprocess.CompletedProcess[str]:
        """Runs a line with this test's ACME server in the place of the public one."""
        words = shlex.split(self._here(line))
        assert words[0] in ("mkdir", "certbot", "lego"), line
        if words[0] == "lego":
            words = self._lego(words)
        return subprocess.run(
            words,
            env={**os.environ, **self._environment()},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    @property
    def trust(self) -> ssl.SSLContext:
        """Trusts the ACME server's root alone."""
        return ssl.create_default_context(cadata=self.acme.issuer())

    def served(self, name: str) -> int:
        """The serial number of what such a client gets. Raises OSError where it refuses."""
        with self.stack.tls_socket(name, self.trust) as connection:
            der = connection.getpeercert(binary_form=True) or b""
        return x509.load_der_x509_certificate(der).serial_number

    def in_file(self) -> int:
        """The serial number of what CERT names."""
        pem = Path(self._settings["CERT"]).read_bytes()
        return x509.load_pem_x509_certificate(pem).serial_number

    def _here(self, text: str) -> str:
        return re.sub(r"/(etc|var)/(?=\w)", lambda at: f"{self.folder}/{at[1]}/", text)

    def _environment(self) -> Mapping[str, str]:
        certbot = self.folder / "letsencrypt"
        certbot.mkdir(exist_ok=True)
        # certbot reads this file of itself. Without, it asks for consent and an address, and
        # without a terminal it waits for minutes before it renews.
        (certbot / "cli.ini").write_text(
            f"server = {self.acme.directory}\n"
            f"config-dir = {self.folder}/etc/letsencrypt\n"
            f"work-dir = {self.folder}/var/lib/letsencrypt\n"
            f"logs-dir = {self.folder}/var/log/letsencrypt\n"
            "non-interactive = true\nagree-tos = true\nregister-unsafely-without-email = true\n"
            "no-random-sleep-on-renew = true\n"
        )
        return {
            "XDG_CONFIG_HOME": str(self.folder),
            "REQUESTS_CA_BUNDLE": str(self.acme.root),
            "LEGO_CA_CERTIFICATES": str(self.acme.root),
            "EXEC_PATH": str(CHECKOUT / "tests/programs/acme_dns.sh"),
            "ACME_DNS": self.acme.dns_url,
        }

    def _lego(self, words: list[str]) -> list[str]:
        words[words.index("--dns") + 1] = "exec"  # the hook, and not a provider
        if words[-1] == "renew":
            words.append("--no-random-sleep")
        # Its DNS has no SOA records, which lego looks for otherwise.
        dns = ["--dns.resolvers", self.acme.resolver, "--dns.disable-cp"]
        return [words[0], "--server", self.acme.directory, *dns, *words[1:]]
