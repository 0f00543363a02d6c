"""The first thing a new user runs says what is missing."""

from __future__ import annotations

import builtins
import sys
from typing import Any

import pytest

from stack import bootstrap


def test_an_old_python_is_named(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    with pytest.raises(SystemExit) as exit_:
        bootstrap.check_python()
    assert exit_.value.code == 1
    assert "3.11 or newer is needed" in capsys.readouterr().err


def test_a_missing_venv_names_the_package(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    real = builtins.__import__

    def without_venv(name: str, *arguments: Any, **options: Any) -> Any:
        if name == "ensurepip":
            raise ImportError(name)
        return real(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", without_venv)
    with pytest.raises(SystemExit) as exit_:
        bootstrap.check_python()
    assert exit_.value.code == 1
    assert f"sudo apt install python{bootstrap.HERE}-venv" in capsys.readouterr().err
