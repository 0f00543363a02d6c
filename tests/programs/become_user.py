"""Root that becomes the user of sudo, and writes and runs things in the folder FOLDER.

Prints, as JSON: the environment then, the ids of commands, and how one for root is shown.
Programs of the system alone: an interpreter in root's home is out of reach then.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from certs import files, sudo
from trust.commands import Command, Runner

folder = Path(sys.argv[1])
env = sudo.become_invoking_user(os.environ)
files.make_folder(folder / "made", 0o755)
files.write(folder / "made" / "written", b"", files.SECRET)
files.create(folder / "made" / "created", b"", files.PUBLIC)
runner = Runner(env, interactive=False)
runner.run(Command(("touch", str(folder / "made" / "touched"))))
read = ("grep", "-E", "^(Uid|Gid|Groups)", "/proc/self/status")
ids = {"user": runner.look(*read).out, "root": runner.run(Command(read, root=True)).out}
shown = str(Command(("update",), root=True))
print(json.dumps({"env": env, "ids": ids, "shown": shown}))
