"""Firefox and programs made from it. Each profile has its own store; a copy of it is proven."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from trust.browsers import FIREFOX, FIREFOXES, profiles
from trust.clients import browsers, processes
from trust.clients.base import Cause, Proof, Target, unknown
from trust.commands import Runner

_STORE = ("cert9.db", "key4.db", "pkcs11.txt")

# No start pages, and no connections to other servers. No preference here changes which
# certificates Firefox trusts.
_PREFERENCES = {
    "app.normandy.enabled": False,
    "app.update.enabled": False,
    "browser.aboutwelcome.enabled": False,
    "browser.newtabpage.enabled": False,
    "browser.region.network.url": "",
    "browser.safebrowsing.malware.enabled": False,
    "browser.safebrowsing.phishing.enabled": False,
    "browser.search.update": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.page": 0,
    "datareporting.policy.dataSubmissionEnabled": False,
    "dom.push.connection.enabled": False,
    "extensions.blocklist.enabled": False,
    "extensions.systemAddon.update.enabled": False,
    "extensions.update.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "termsofuse.bypassNotification": True,
    "toolkit.telemetry.enabled": False,
}

# nsresult of the security module: 0x805a, then the negated number of NSS or mozilla::pkix.
_SECURITY = re.compile(r"reason 805a([0-9a-f]{4})\]")
_ERRORS = {
    -8183: "SEC_ERROR_BAD_DER",
    -8182: "SEC_ERROR_BAD_SIGNATURE",
    -8181: "SEC_ERROR_EXPIRED_CERTIFICATE",
    -8179: "SEC_ERROR_UNKNOWN_ISSUER",
    -8172: "SEC_ERROR_UNTRUSTED_ISSUER",
    -8171: "SEC_ERROR_UNTRUSTED_CERT",
    -8162: "SEC_ERROR_EXPIRED_ISSUER_CERTIFICATE",
    -8101: "SEC_ERROR_INADEQUATE_CERT_TYPE",
    -8080: "SEC_ERROR_CERT_NOT_IN_NAME_SPACE",
    -12276: "SSL_ERROR_BAD_CERT_DOMAIN",
}


@dataclass(frozen=True)
class Firefox:
    """path: None if there is a profile but no program.
    profile: None if Firefox was never started, and so has no profile."""

    path: str | None
    version: str
    profile: Path | None
    name: str = "Firefox"
    kind: str = "firefox"

    def prove(self, target: Target, runner: Runner) -> Proof:
        if not self.path:
            why = f"there is a profile, but no {self.name} on PATH to prove it with"
            return unknown(why, 'PATH="/where/it/is:$PATH" make doctor')
        # HOME is a temporary folder, except for a snap, which finds itself in the real one.
        confined = browsers.place(self.path, runner.env)
        try:
            with processes.scratch(confined) as folder:
                profile = folder / "profile"
                self._make(profile)
                env = {"MOZ_HEADLESS": "1", "MOZ_LOG": "nsWebSocket:5"}
                env |= {"MOZ_CRASHREPORTER_DISABLE": "1"}
                env |= {} if confined else {"HOME": str(folder)}
                argv = (self.path, "--no-remote", "--new-instance", "--profile", str(profile))
                return browsers.prove(
                    runner, target, argv, folder, env, _explain, self._fix(self.path)
                )
        except OSError as error:
            return unknown(f"its profile cannot be copied: {error}")

    def _make(self, profile: Path) -> None:
        profile.mkdir()
        for name in _STORE:
            if self.profile and (self.profile / name).exists():
                shutil.copyfile(self.profile / name, profile / name)
        lines = [
            f'user_pref("{name}", {json.dumps(value)});' for name, value in _PREFERENCES.items()
        ]
        (profile / "user.js").write_text("\n".join(lines) + "\n")

    def _fix(self, path: str) -> str:
        if self.profile:
            return ""
        # This command makes a profile, and ends.
        return f"{path} --headless --screenshot /dev/null about:blank; {Cause.STORE.value}"


def _explain(log: str) -> str:
    found = _SECURITY.search(log)
    number = -int(found[1], 16) if found else 0
    return _ERRORS.get(number, f"security error {number}") if found else ""


def find(env: Mapping[str, str], runner: Runner, _: Path) -> Sequence[Firefox]:
    found = []
    there = profiles(env)
    for kin in (kin for kin in FIREFOXES if kin.programs):
        paths = [profile.path for profile in there if profile.kin is kin]
        if not paths and kin is not FIREFOX:
            continue  # another program may have the name `zen`
        program = next(filter(None, map(runner.which, kin.programs)), None)
        version = processes.version(runner, program, "--version") if program else ""
        if not paths and program:
            found.append(Firefox(program, f"{version} (no profile yet)", None))
        found += [Firefox(program, f"{version} ({path})".strip(), path, kin.name) for path in paths]
    return found
