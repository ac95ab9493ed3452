"""Costs against the oracle's, and time for each proved answer."""

from __future__ import annotations

from math import inf

import pytest

from neurosym.metrics.costs import cost_ratio, cost_ratios, seconds_per_proved


def test_ratios():
    found = cost_ratios([(6, 6), (9, 6), (12, 6), (3, 6)])
    assert (found.compared, found.as_good, found.cheaper) == (4, 2, 1)
    assert found.mean == pytest.approx(1.25) and found.worst == 2


def test_nothing_to_compare():
    found = cost_ratios([])
    assert (found.compared, found.mean, found.worst, found.as_good) == (0, None, None, 0)


def test_a_goal_that_holds_already_costs_nothing():
    assert cost_ratio(0, 0) == 1 and cost_ratio(2, 0) == inf
    found = cost_ratios([(0, 0), (2, 0)])
    assert (found.compared, found.mean, found.worst, found.as_good) == (2, 1, 1, 1)


@pytest.mark.parametrize(("cost", "reference"), [(-1, 1), (1, -1)])
def test_no_cost_is_negative(cost, reference):
    with pytest.raises(ValueError, match="negative"):
        cost_ratio(cost, reference)


def test_wrong_answers_take_time_too():
    assert seconds_per_proved(30, 10) == 3 and seconds_per_proved(30, 0) is None
