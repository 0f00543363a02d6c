"""Makes .venv and installs locked requirements into it.

make runs this with any `python3`, before anything is installed. So this module
uses the standard library alone, in a syntax that an old Python 3 can read, which
then says that it is too old. stack/local/app_venv.py makes its venvs with it too.
"""

import fcntl
import hashlib
import os
import pwd
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
if not __package__:  # a script's sys.path has the script's folder, not the checkout
    sys.path.insert(0, str(ROOT))

from stack import fresh  # noqa: E402

OLDEST = (3, 11)
VENV = ROOT / ".venv"
HERE = "{}.{}".format(*sys.version_info)
# PIP_* variables in a user's shell that install packages elsewhere.
_ELSEWHERE = ("TARGET", "PREFIX", "ROOT")
# PIP_* variables that are set to "0", because they win over a pip.conf that has them on.
_OFF = ("USER", "DRY_RUN", "NO_DEPS", "REQUIRE_VIRTUALENV")
# Variables that make Python and venv use another folder than their own.
_MISLEADING = ("PYTHONHOME", "PYTHONPATH", "PYTHONSAFEPATH", "__PYVENV_LAUNCHER__")


class InstallError(Exception):
    """A venv could not be made, or a package not installed. The text is for people."""


def main(requirements: str, *command: str) -> None:
    """Installs the requirements if needed, then becomes this command of the stack, if one is
    given. A fresh checkout answers that nothing runs, and installs nothing."""
    if command and command[0] in fresh.COMMANDS and fresh.is_fresh(ROOT):
        sys.exit(fresh.answer(ROOT, command[0]))
    check_python()
    if "up" in command and why_not_with_sudo():
        fail(why_not_with_sudo())
    leave_root()
    install_once(ROOT / requirements)
    if command:
        os.chdir(str(ROOT))
        argv = [python(VENV), "-m", "stack", *command]
        os.execv(argv[0], argv)  # noqa: S606 # no shell is wanted


def install_once(lock: Path) -> None:
    """Makes .venv and installs these requirements, unless both are there already."""
    wanted = hashlib.sha256(lock.read_bytes()).hexdigest()
    stamp = VENV / f"installed-{lock.stem}"
    if is_whole(VENV) and read(stamp) == wanted:
        return
    with (ROOT / "requirements" / lock.name).open() as one_at_a_time:
        fcntl.flock(one_at_a_time, fcntl.LOCK_EX)
        if not is_whole(VENV):
            say(f"making .venv with Python {HERE}")
            make(VENV)
        if read(stamp) != wanted:
            say(f"installing requirements/{lock.name} (once, and again when it changes)")
            install(VENV, lock, "--require-hashes")
            # Written last, so that an interrupted install is done again.
            stamp.write_text(wanted)


def is_whole(venv: Path) -> bool:
    """Whether venv was made completely, and still has the Python that it was made with. After
    an upgrade of that Python its link is broken, or leads to another version."""
    program = "import sys; print('%d.%d' % sys.version_info[:2])"
    try:
        done = run([python(venv), "-I", "-c", program], stdout=subprocess.PIPE)
    except OSError:
        return False
    version = done.stdout.decode().strip()
    return done.returncode == 0 and read(venv / "made").startswith(f"{version}.")


def python(venv: Path) -> str:
    return str(venv / "bin" / "python")


def make(venv: Path, *options: str) -> None:
    """Makes a new venv of this Python, and deletes an old one. Raises InstallError."""
    command = [sys.executable, "-m", "venv", "--clear", *options, str(venv)]
    if run(command).returncode != 0:
        raise InstallError(f"{sys.executable} -m venv {venv} failed, see above")
    (venv / "made").write_text(sys.version)


def install(venv: Path, requirements: Path, *options: str, pip: str = "") -> None:
    """Installs into venv, even if pip's configuration names another folder.

    pip: a Python whose pip is used if venv has none. Raises InstallError.
    """
    command = [pip or python(venv), "-m", "pip", *(["--python", python(venv)] if pip else [])]
    command += ["install", "--quiet", "--disable-pip-version-check", "--no-warn-script-location"]
    # These overrule folders in pip.conf, which pip must read for its proxy and index.
    command += ["--target=", "--root=/", f"--prefix={venv}", *options]
    done = run([*command, "-r", str(requirements)], cwd=str(requirements.parent))
    if done.returncode != 0:
        raise InstallError(
            f"{requirements} could not be installed, see above; then type the same command again"
        )
    missing = lacks(venv, requirements)
    if missing:
        raise InstallError(
            f"pip's configuration made it install {missing} elsewhere than into {venv}. See: "
            f"{command[0]} -m pip config list"
        )


def lacks(venv: Path, requirements: Path) -> str:
    """The first package that is pinned for all machines and missing in venv, or empty."""
    lines = [line.split(";") for line in requirements.read_text().splitlines()]
    names = [first.split("==")[0].strip() for first, *rest in lines if "==" in first and not rest]
    names = [name.split("[")[0] for name in names if name[:1].isalnum()]
    program = "import sys, importlib.metadata as m\n"
    program += "for name in sys.argv[1:]: print(name, flush=True); m.version(name)"
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    done = run([python(venv), "-I", "-c", program, *names], **options)
    return done.stdout.decode().split()[-1] if done.returncode != 0 else ""


def run(command: "list[str]", **options: Any) -> "subprocess.CompletedProcess[bytes]":
    """subprocess.run without the variables that mislead Python and pip. On Ctrl-C the command
    ends without a traceback."""
    env = {name: value for name, value in os.environ.items() if name not in _MISLEADING}
    for name in _ELSEWHERE:
        env.pop(f"PIP_{name}", None)
    env.update({f"PIP_{name}": "0" for name in _OFF})
    with subprocess.Popen(command, env=env, start_new_session=True, **options) as process:
        try:
            out, _ = process.communicate()
        except BaseException:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait()
            raise
    return subprocess.CompletedProcess(command, process.returncode, out)


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


def why_not_with_sudo() -> str:
    """The reason to refuse make up with sudo in a user's checkout; empty if there is none."""
    if os.geteuid() != 0 or not 0 != sudo_uid() == ROOT.stat().st_uid:
        return ""
    return (
        f"make up runs with sudo, but {ROOT} is yours: you could not use files that root writes "
        "there. Without sudo: make up. If Docker needs root, add yourself to its group (sudo "
        'usermod -aG docker "$USER", then log in again), or run without Docker: MODE=local make up'
    )


def sudo_uid() -> int:
    uid = os.environ.get("SUDO_UID", "")
    return int(uid) if uid.isdigit() else 0


def leave_root() -> None:
    """With sudo, becomes the owner of the checkout, so that .venv is theirs too."""
    uid = sudo_uid()
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
    if len(sys.argv) < 2:
        say("usage: python3 stack/bootstrap.py requirements/stack.txt [command of the stack]")
        sys.exit(2)
    try:
        main(*sys.argv[1:])
    except InstallError as error:
        fail(str(error))
    except PermissionError as error:
        fail(
            f"{error.filename} belongs to another user or may not be written; give it back: "
            f"sudo chown -R \"$(id -un)\" '{VENV if VENV.exists() else ROOT}'"
        )
    except KeyboardInterrupt:
        say("interrupted; type the same command again")
        sys.exit(130)
