"""Adds 20 entries NAME0, NAME1, ... to the ledger of HOME, once a line was read.

usage: ledger_writer HOME ROOT NAME
"""

from __future__ import annotations

import sys
from pathlib import Path

from certs import files
from tests.support.ledgers import Named
from trust.root import Root
from trust.stores.ledger import Ledger

home, root, name = Path(sys.argv[1]), Root.read(Path(sys.argv[2])), sys.argv[3]
print(flush=True)
sys.stdin.readline()
for count in range(20):
    Ledger(home).add(Named(f"{name}{count}"), root)
    with files.locked_writes(home):  # as minting does: what a killed writer left is removed
        pass
