"""Removes the leaf's files."""

import os
from pathlib import Path

for name in ("leaf.pem", "leaf-names.pem"):
    Path(os.environ["LEAF_DIR"], name).unlink()
