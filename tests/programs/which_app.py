"""Prints the file that the runner imports as app.main."""

from __future__ import annotations

import importlib
import os

from uvicorn_runner import loading
from uvicorn_runner.settings import read

settings = read(os.environ)
with loading.imports_from(settings.folder):
    loading.load_or_explain(settings.app)
    print(importlib.import_module("app.main").__file__)
