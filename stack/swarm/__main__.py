"""python -m stack.swarm; see stack.swarm.cli."""

import sys

try:
    # Inside the try: Ctrl-C may come while the imports still run.
    from stack.swarm.cli import main

    status = main()
except KeyboardInterrupt:
    status = 130
sys.exit(status)
