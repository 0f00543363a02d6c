"""Root that runs this for a user becomes that user, but for what needs root."""

from __future__ import annotations

import os
import pwd
from collections.abc import Mapping

from certs.errors import SettingError


def leave_root() -> None:
    """After `sudo make certs`: this process and its environment are the user's from here on.

    Raises SettingError.
    """
    environment = become_invoking_user(os.environ)
    os.environ.clear()
    os.environ.update(environment)


def become_invoking_user(env: Mapping[str, str]) -> dict[str, str]:
    """From here on this process writes as the user who typed sudo.

    The real user id stays root's, so that trust.commands can run as root what
    must be. Returns the environment with the user's HOME; unchanged when sudo is
    not in play. Raises SettingError for a SUDO_UID that nobody has.
    """
    uid, gid = env.get("SUDO_UID"), env.get("SUDO_GID")
    if os.geteuid() != 0 or not uid or not gid or uid == "0":
        return dict(env)
    try:
        account = pwd.getpwuid(int(uid))
    except (KeyError, ValueError):
        raise SettingError(
            f"SUDO_UID is {uid!r}, which is no user here; unset it, or use sudo as that user"
        ) from None
    os.setgroups(os.getgrouplist(account.pw_name, int(gid)))
    os.setegid(int(gid))
    os.seteuid(int(uid))
    theirs = {"HOME": account.pw_dir, "USER": account.pw_name, "LOGNAME": account.pw_name}
    # Root's own folders, where sudo kept or made them.
    kept = {name: value for name, value in env.items() if not name.startswith("XDG_")}
    return {**kept, **theirs}
