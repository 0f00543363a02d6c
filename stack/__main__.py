"""python -m stack; see stack.cli."""

import sys

try:
    # Inside the try: Ctrl-C may come while the imports still run.
    from stack.cli import main

    status = main()
except KeyboardInterrupt:
    status = 130
sys.exit(status)
