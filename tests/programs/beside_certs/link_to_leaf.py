"""Makes (make) or removes (remove) a link to the leaf in the folder of the trust page."""

import os
import sys
from pathlib import Path

path = Path(os.environ["LEAF_DIR"], "public", "trust", "link.crt")
if sys.argv[1] == "make":
    path.symlink_to("../../leaf.pem")
else:
    path.unlink()
