"""Has the SQLite database FILE locked until its input is closed."""

from __future__ import annotations

import sqlite3
import sys

connection = sqlite3.connect(sys.argv[1])
connection.execute("BEGIN EXCLUSIVE")
print("locked", flush=True)
sys.stdin.read()
