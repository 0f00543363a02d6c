"""Writes all files that local mode's processes read."""

from __future__ import annotations

import logging
import shutil
import socket
from pathlib import Path

from certs import leaf_dir, mint, nginx_values, own_leaf
from certs.errors import SettingError
from certs.limits import Limits
from stack.local import app_venv, launcher, programs, render, supervisor
from stack.local.launcher import Program
from stack.local.nginx import Nginx, test
from stack.settings import Settings

log = logging.getLogger(__name__)


def prepare(settings: Settings, state: Path, sockets: Path, nginx: Nginx) -> dict[str, Program]:
    """Mints, installs, and fills nginx's templates; returns the programs to run.

    state and sockets: local mode's folders. Raises SettingError, MintError,
    StackError; processes that run already are not touched then.
    """
    _find_upstreams(settings)
    _check_files(settings.certs.limits)
    own, wrong = own_leaf.look(settings.certs)
    if wrong:
        raise wrong
    mint.ensure(settings.certs, own=own)
    if not leaf_dir.is_kept(settings.certs.leaf_dir):
        own_leaf.ensure(settings.certs, own)
    app_python = app_venv.python(settings.app_requirements, state / "app-venvs")
    values = render.variables(settings, sockets, http2=nginx.http2, tls_groups=nginx.tls_groups)
    tried, config = state / "nginx-conf.new", state / "nginx-conf"
    render.render(values, tried)
    # The path of sockets is plain: nginx's `include` takes some signs in a path for patterns.
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


def _check_files(limits: Limits) -> None:
    """Warns if MAX_CONNECTIONS needs more open files than the system allows."""
    allowed = render.allowed_files()
    if allowed < 2 * limits.connections:
        log.warning(
            "MAX_CONNECTIONS is %d, for which nginx needs %d open files; this user may have %d "
            "(ulimit -Hn). Raise that, or take: MAX_CONNECTIONS=%d make up",
            limits.connections,
            2 * limits.connections,
            allowed,
            allowed // 2,
        )


def _find_upstreams(settings: Settings) -> None:
    """Raises SettingError for a name that cannot be resolved: nginx's own error would name
    a temporary file."""
    for name, upstream in nginx_values.upstreams(settings.certs):
        try:
            socket.getaddrinfo(upstream.host.strip("[]"), upstream.port, type=socket.SOCK_STREAM)
        except socket.gaierror as error:
            raise SettingError(
                f"{name}: this machine does not find {upstream.host!r} ({error.strerror}). "
                f"Write a host that it finds, such as localhost:{upstream.port}, then: make up. "
                "For a name that only Docker knows: MODE=docker make up"
            ) from None
