"""Prints, as JSON, every file of LEAF_DIR/public, under whatever name, in base64.

What is no plain file is not followed.
"""

import base64
import json
import os
import pathlib
import sys

public = pathlib.Path(os.environ["LEAF_DIR"], "public")
found = sorted(path for path in public.rglob("*") if path.is_symlink() or not path.is_dir())
odd = [str(path) for path in found if path.is_symlink() or not path.is_file()]
assert not odd, odd
told = {str(p.relative_to(public)): base64.b64encode(p.read_bytes()).decode() for p in found}
json.dump(told, sys.stdout)
