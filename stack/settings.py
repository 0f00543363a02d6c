"""The settings of the stack, read and checked once, before anything is started."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import certs.settings
import uvicorn_runner.settings
from certs.dotenv import CHECKOUT
from certs.endpoint import Endpoint
from certs.errors import SettingError
from certs.permitted import Permitted
from certs.upstreams import Site, Upstream
from stack import recorded

MODES = ("docker", "local")
# Files in which other tools keep requirements.
_NOT_FOR_PIP = (".toml", ".lock", ".py", ".cfg", ".json", ".yml", ".yaml")


@dataclass(frozen=True)
class Settings:
    mode: str | None  # one of MODES; None: docker where an engine answers
    app_dir: Path
    app_requirements: Path | None
    acme_webroot: Path | None  # an ACME client's challenges are in it
    nginx: str | None  # the nginx to run without Docker
    state_dir: Path  # logs and records of local mode
    certs: certs.settings.Settings
    app: uvicorn_runner.settings.Settings
    env: Mapping[str, str]  # the environment over .env

    @property
    def endpoint(self) -> Endpoint:
        return self.certs.endpoint

    @property
    def upstream(self) -> Upstream | None:
        """The server that runs instead of the app."""
        return self.certs.upstream

    @property
    def sites(self) -> tuple[Site, ...]:
        """The servers of SITES, each with its own name."""
        return self.certs.sites

    @property
    def is_echo_app(self) -> bool:
        """Whether https://localhost serves the project's own echo, at /ws."""
        return self.certs.is_echo_app

    @property
    def console_url(self) -> str | None:
        """The console's URL; None if it is off, or if the host is public."""
        bind = self.endpoint.bind
        is_local = self.endpoint.host == "localhost" or Permitted().allows_address(bind)
        if not (self.certs.console and is_local):
            return None
        return f"{self.endpoint.url}/.wss-stack/console/"


def read(env: Mapping[str, str]) -> Settings:
    """Raises SettingError for any setting of the three processes."""
    of_certs = certs.settings.read(env)
    try:
        of_app = uvicorn_runner.settings.read(env)
    except uvicorn_runner.settings.SettingError as error:
        # The app's image has no part of certs, so it has an error of its own.
        raise SettingError(str(error)) from None
    app_dir = _folder(env, "APP_DIR") or CHECKOUT / "src"
    mode = env.get("MODE")
    if mode not in (None, *MODES):
        raise SettingError(f"MODE is {mode!r}; one of {', '.join(MODES)}, or unset to choose")
    return Settings(
        mode=mode,
        app_dir=app_dir,
        app_requirements=_requirements(env, app_dir),
        acme_webroot=_folder(env, "ACME_WEBROOT"),
        nginx=env.get("NGINX"),
        state_dir=recorded.state_dir(env),
        certs=of_certs,
        app=of_app,
        env=dict(env),
    )


def read_for_stopping(env: Mapping[str, str]) -> Settings:
    """Like read, but with defaults if a value is wrong, so that the stack can still be stopped."""
    try:
        return read(env)
    except SettingError:
        needed = ("HOME", "XDG_DATA_HOME", "STATE_DIR")
        return replace(read({name: env[name] for name in needed if name in env}), env=dict(env))


def _folder(env: Mapping[str, str], name: str) -> Path | None:
    """The folder that a setting names; None if it is unset. Raises SettingError."""
    value = env.get(name)
    if not value:
        return None
    # Compose would take a name without a slash for a volume.
    if not value.startswith(("/", "./", "../", "~/")) and value not in (".", "..", "~"):
        raise SettingError(f"{name} is {value!r}; write an absolute path, or ./{value}")
    path = (CHECKOUT / Path(value).expanduser()).resolve()
    if not path.is_dir():
        make = f"mkdir -p {shlex.quote(str(path))}"
        raise SettingError(f"{name} is {value!r}: {path} is no folder. Make it: {make}")
    return path


def _requirements(env: Mapping[str, str], app_dir: Path) -> Path | None:
    value = env.get("APP_REQUIREMENTS")
    if not value:
        return None
    path = app_dir / value
    # From APP_DIR, because Docker's build sees nothing else of yours.
    if Path(value).is_absolute() or ".." in Path(value).parts or not path.is_file():
        raise SettingError(
            f"APP_REQUIREMENTS is {value!r}; name a file in APP_DIR, which is {app_dir}, "
            "such as requirements.txt"
        )
    if path.suffix in _NOT_FOR_PIP or path.name == "Pipfile":
        folder = shlex.quote(str(app_dir))
        raise SettingError(
            f"APP_REQUIREMENTS is {value!r}; name a file for `pip install -r`. To make one from a "
            f"pyproject.toml: cd {folder} && uv pip compile pyproject.toml -o requirements.txt"
        )
    return path
