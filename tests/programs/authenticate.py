"""A user at a terminal: asks sudo once, and runs two commands for root."""

from __future__ import annotations

import os

from trust.commands import Command, NeedsRootError, Runner

for name in ("getuid", "geteuid", "getgid", "getegid"):
    setattr(os, name, lambda: 1000)
runner = Runner(os.environ, interactive=True)
print("allowed:", runner.authenticate())
for word in ("one", "two"):
    try:
        print("ran:", runner.run(Command(("echo", word), root=True)).out, end="")
    except NeedsRootError as error:
        print(error)
