"""The user nobody wants an authority and a leaf in FOLDER; prints why there is none."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from certs import ca_home, leaf_dir
from certs.errors import MintError
from tests.support.certificates import settings

wanted = settings(Path(sys.argv[1]))
os.setgroups([])
os.setgid(65534)
os.setuid(65534)
try:
    leaf_dir.ensure_leaf(wanted, ca_home.ensure_authority(wanted))
except MintError as error:
    print(error)
