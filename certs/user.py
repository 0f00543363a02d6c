"""Root that runs this for a user becomes that user, but for what needs root."""

from __future__ import annotations

import os
import pwd
from collections.abc import Mapping

from certs.settings import SettingError


def become(env: Mapping[str, str]) -> dict[str, str]:
    """After `sudo make certs`: from here on what is written is the user's.

    The real user id stays root's, so that certs.commands can run as root what
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
