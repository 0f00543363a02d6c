"""Makes .venv and installs locked requirements into it.

make runs this with whatever `python3` is there, before anything is installed:
so it has only the standard library, and syntax that an older Python 3 still
reads, to be able to say that it is too old.
"""

import hashlib
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
    lock = ROOT / requirements
    wanted = hashlib.sha256(sys.version.encode() + lock.read_bytes()).hexdigest()
    stamp = VENV / f"installed-{lock.stem}"
    if PYTHON.exists() and read(stamp) == wanted:
        return
    # A venv of another Python, or one whose making was cut short, is made anew.
    made_by = VENV / "made-by"
    if not PYTHON.exists() or read(made_by) != sys.version:
        say(f"making .venv with Python {HERE}")
        if subprocess.call([sys.executable, "-m", "venv", "--clear", str(VENV)]) != 0:
            fail(f"{sys.executable} -m venv {VENV} failed, see above")
        made_by.write_text(sys.version)
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
    main(sys.argv[1])
