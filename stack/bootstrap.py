"""Makes .venv and installs locked requirements into it.

make runs this with whatever `python3` is there, before anything is installed:
so it has only the standard library, and syntax that an older Python 3 still
reads, to be able to say that it is too old.
"""

import fcntl
import hashlib
import os
import pwd
import subprocess
import sys
from pathlib import Path

OLDEST = (3, 11)
ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
HERE = "{}.{}".format(*sys.version_info)


def main(requirements: str) -> None:
    """Does nothing when this Python and these requirements are there already."""
    check_python()
    leave_root()
    lock = ROOT / requirements
    wanted = hashlib.sha256(lock.read_bytes()).hexdigest()
    stamp = VENV / f"installed-{lock.stem}"
    if whole() and read(stamp) == wanted:
        return
    with (ROOT / "requirements" / lock.name).open() as one_at_a_time:
        fcntl.flock(one_at_a_time, fcntl.LOCK_EX)
        if not (whole() and read(stamp) == wanted):
            install(lock, stamp, wanted)


def whole() -> bool:
    """Whether .venv was made to its end, by whichever Python, and that still runs."""
    made = (VENV / "made").exists()
    return made and subprocess.call([str(PYTHON), "-c", ""], stderr=subprocess.DEVNULL) == 0


def install(lock: Path, stamp: Path, wanted: str) -> None:
    if not whole():
        say(f"making .venv with Python {HERE}")
        if subprocess.call([sys.executable, "-m", "venv", "--clear", str(VENV)]) != 0:
            fail(f"{sys.executable} -m venv {VENV} failed, see above")
        (VENV / "made").write_text(sys.version)
    requirements = f"requirements/{lock.name}"
    say(f"installing {requirements} (once, and again when it changes)")
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if subprocess.call([*pip, "--require-hashes", "-r", str(lock)]) != 0:
        fail(f"pip could not install {requirements}, see above; then type the same command again")
    # Written last: an interrupted install is simply done again.
    stamp.write_text(wanted)


def check_python() -> None:
    if sys.version_info < OLDEST:
        fail(
            f"{sys.executable} is Python {HERE}; 3.11 or newer is needed. "
            "Name one that you have: make PYTHON=python3.13 up"
        )
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        fail(
            f"{sys.executable} lacks venv. On Debian and Ubuntu: sudo apt install python{HERE}-venv"
        )


def leave_root() -> None:
    """With sudo, .venv still belongs to the owner of the checkout."""
    uid = int(os.environ.get("SUDO_UID", "0"))
    if os.geteuid() == 0 and uid == ROOT.stat().st_uid != 0:
        account = pwd.getpwuid(uid)
        os.initgroups(account.pw_name, account.pw_gid)
        os.setgid(account.pw_gid)
        os.setuid(uid)
        os.environ["HOME"] = account.pw_dir


def read(path: Path) -> str:
    return path.read_text() if path.exists() else ""


def say(text: str) -> None:
    print(f"wss-stack: {text}", file=sys.stderr, flush=True)


def fail(text: str) -> None:
    say(text)
    sys.exit(1)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        say("usage: python3 stack/bootstrap.py requirements/stack.txt")
        sys.exit(2)
    try:
        main(sys.argv[1])
    except KeyboardInterrupt:
        say("interrupted; type the same command again")
        sys.exit(130)
