"""Writes all that local mode's three processes read."""

from __future__ import annotations

import shutil
import socket
from pathlib import Path

from certs import mint, nginx_values
from certs.errors import SettingError
from stack.local import app_venv, launcher, programs, render, supervisor
from stack.local.launcher import Program
from stack.local.nginx import Nginx, test
from stack.settings import Settings


def prepare(settings: Settings, state: Path, sockets: Path, nginx: Nginx) -> dict[str, Program]:
    """Mints, installs, fills in nginx's configuration; returns what is to run.

    state and sockets: folders, as stack.local has them. Raises
    SettingError, StackError; what runs already is untouched then.
    """
    _find_upstreams(settings)
    mint.ensure(settings.certs)
    app_python = app_venv.python(settings.app_requirements, state / "app-venvs")
    values = render.variables(settings, sockets, http2=nginx.http2, tls_groups=nginx.tls_groups)
    tried, config = state / "nginx-conf.new", state / "nginx-conf"
    render.render(values, tried)
    # By way of the short path: nginx's `include` takes some signs in a path for patterns.
    seen = sockets / "state"
    test(nginx, seen / "nginx", seen / tried.name)
    shutil.rmtree(config, ignore_errors=True)
    tried.rename(config)
    wanted = programs.build(settings, nginx, app_python, values, seen, sockets)
    for name in supervisor.ORDER:
        if name in wanted:
            launcher.write(state, name, wanted[name])
        else:
            launcher.forget(state, name)
    return wanted


def _find_upstreams(settings: Settings) -> None:
    """Raises SettingError for a name that nginx would not find either: it says so in
    words of its own, with a file that is gone by then."""
    for name, upstream in nginx_values.upstreams(settings.certs):
        try:
            socket.getaddrinfo(upstream.host.strip("[]"), upstream.port, type=socket.SOCK_STREAM)
        except socket.gaierror as error:
            raise SettingError(
                f"{name}: {upstream.host!r} is not found from this machine ({error.strerror}). "
                f"Write what is, such as localhost:{upstream.port}, then: make up. For a name "
                "that Docker alone knows: MODE=docker make up"
            ) from None
