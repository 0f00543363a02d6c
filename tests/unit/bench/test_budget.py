"""A section's time."""

from __future__ import annotations

import pytest

from bench import plan
from bench.budget import Budget, OverBudgetError


def test_budget_ends_when_its_seconds_are_over() -> None:
    now = 100.0
    budget = Budget(5, lambda: now)
    now = 104.5
    budget.check("the rest")
    assert budget.left == 0.5
    now = 105.0
    with pytest.raises(OverBudgetError, match="stopped after its 5 s; not measured: the rest"):
        budget.check("the rest")
    now = 999.0
    assert budget.left == 0


def test_all_sections_of_a_whole_run_take_less_than_fifteen_minutes() -> None:
    assert sum(plan.FULL.budgets.values()) < 15 * 60
