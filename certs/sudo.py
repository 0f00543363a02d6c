"""After sudo, the process becomes the user who typed it, except for steps that need root."""

from __future__ import annotations

import os
import pwd
from collections.abc import Mapping

from certs.errors import SettingError


def leave_root() -> None:
    """After `sudo make certs`: makes this process and its environment the user's.

    Raises SettingError.
    """
    environment = become_invoking_user(os.environ)
    os.environ.clear()
    os.environ.update(environment)


def become_invoking_user(env: Mapping[str, str]) -> dict[str, str]:
    """Makes this process write as the user who typed sudo.

    The real user id stays root, so that trust.commands can run some commands as root.
    Returns the environment with the user's HOME; without sudo, nothing changes. Raises
    SettingError for a SUDO_UID that no user has.
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
    # XDG_* are dropped: sudo may have set them to root's folders.
    kept = {name: value for name, value in env.items() if not name.startswith("XDG_")}
    return {**kept, **theirs}
