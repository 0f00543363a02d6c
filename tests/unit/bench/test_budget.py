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


def test_whole_run_ends_before_fifteen_minutes_even_where_a_section_overruns() -> None:
    """A section may go over by what it has begun."""
    assert plan.FULL.total <= 14 * 60
    assert max(plan.FULL.budgets.values()) < plan.FULL.total
