"""The user nobody reads CERT; prints the folder to mount, and why it cannot."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from certs.errors import UnreadableFileError
from certs.own_files import OwnFiles

own = OwnFiles(Path(sys.argv[1]), None)
os.setgroups([])
os.setgid(65534)
os.setuid(65534)
for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
    os.environ.pop(name, None)
print(own.to_mount())
try:
    own.read()
except UnreadableFileError as error:
    print(error)
else:
    print("read")
