"""python -m stack; see stack.cli."""

import sys

try:
    # What it imports takes a moment, in which somebody may think better of it.
    from stack.cli import main

    status = main()
except KeyboardInterrupt:
    status = 130
sys.exit(status)
