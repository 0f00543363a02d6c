"""Replaces the leaf's files by others for the same hosts, in another order.

usage: reissue_leaf AGE TIMES, with the age in days; four times a second
"""

import os
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

from certs import authority, files, leaf

now = datetime.now(UTC)
mine = authority.load(Path(os.environ["CA_HOME"], "authority.pem").read_bytes(), now)
pace = threading.Event()
for count in range(int(sys.argv[2])):
    if count:
        pace.wait(0.25)
    for name in ("leaf.pem", "leaf-names.pem"):
        path = Path(os.environ["LEAF_DIR"], name)
        sans = sorted(leaf.sans_of(leaf.certificate(path.read_bytes())), reverse=True)
        owner = files.Owner(path.stat().st_uid, path.stat().st_gid)
        begin = datetime.now(UTC) - timedelta(days=int(sys.argv[1]))
        files.write(path, leaf.issue(mine, sans, begin), files.SECRET, owner)
