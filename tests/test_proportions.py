"""Intervals for shares against statsmodels and scipy, and their coverage, exact and simulated."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from neurosym import audit
from neurosym.metrics.proportions import Interval, clopper_pearson, upper_bound, wilson

COUNTS = st.integers(1, 3000).flatmap(lambda trials: st.tuples(st.integers(0, trials), st.just(trials)))
LEVELS = st.sampled_from([0.8, 0.9, 0.95, 0.99])


@settings(max_examples=200, deadline=None, derandomize=True)
@given(COUNTS, LEVELS)
def test_both_agree_with_statsmodels(counts, level):
    for ours, name in ((wilson, "wilson"), (clopper_pearson, "beta")):
        low, high = proportion_confint(*counts, alpha=1 - level, method=name)
        assert ours(*counts, level) == pytest.approx((low, high), abs=1e-9)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(COUNTS, LEVELS)
def test_both_agree_with_scipy(counts, level):
    test = stats.binomtest(*counts)
    for ours, name in ((wilson, "wilson"), (clopper_pearson, "exact")):
        theirs = test.proportion_ci(level, method=name)
        assert ours(*counts, level) == pytest.approx((theirs.low, theirs.high), abs=1e-9)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(COUNTS)
def test_an_interval_holds_the_share_and_mirrors(counts):
    successes, trials = counts
    for ours in (wilson, clopper_pearson):
        low, high = ours(successes, trials)
        assert 0 <= low <= successes / trials <= high <= 1 and low < high
        assert ours(trials - successes, trials) == pytest.approx((1 - high, 1 - low), abs=1e-12)


@pytest.mark.parametrize("trials", [1, 10, 200])
def test_all_wrong_all_right_and_nothing_tried(trials):
    for ours in (wilson, clopper_pearson):
        assert ours(0, trials).low == 0 and 0 < ours(0, trials).high < 1
        assert ours(trials, trials).high == 1 and 0 < ours(trials, trials).low < 1
        assert ours(0, 0) == Interval(0, 1)
    assert upper_bound(0, trials) == pytest.approx(1 - 0.05 ** (1 / trials))
    assert upper_bound(trials, trials) == upper_bound(0, 0) == 1


@pytest.mark.parametrize(("successes", "trials"), [(-1, 5), (6, 5), (1, 0), (0, -1)])
def test_impossible_counts_are_refused(successes, trials):
    for ours in (wilson, clopper_pearson, upper_bound):
        with pytest.raises(ValueError, match="successes"):
            ours(successes, trials)


def coverage(interval, trials, rates):
    """The exact probability, at each true rate, that the interval of a binomial count holds the rate."""
    low, high = np.array([interval(successes, trials) for successes in range(trials + 1)]).T
    held = (low <= rates[:, None]) & (rates[:, None] <= high)
    return (stats.binom.pmf(np.arange(trials + 1), trials, rates[:, None]) * held).sum(axis=1)


@pytest.mark.parametrize("trials", [10, 50, 200, 1000])
def test_coverage_is_what_it_says(trials):
    rates = (np.arange(1000) + 0.5) / 1000
    assert coverage(clopper_pearson, trials, rates).min() >= 0.95
    averaged = coverage(wilson, trials, rates)
    assert 0.945 <= averaged.mean() <= 0.96, "averaged over true rates, which is what Wilson's promises"
    assert averaged.min() > 0.83, "at single rates near 0 and 1 it covers less: docs/metrics.md says so"


@pytest.mark.parametrize("rate", [0.1, 0.3, 0.5, 0.7, 0.875])
def test_wilson_covers_94_to_96_percent_of_simulated_evaluations(rate):
    low, high = np.array([wilson(successes, 200) for successes in range(201)]).T
    seen = np.random.default_rng(7).binomial(200, rate, size=100_000)
    assert 0.94 <= np.mean((low[seen] <= rate) & (rate <= high[seen])) <= 0.96


def test_a_lakes_error_bound_is_this_one():
    assert audit.upper_bound(1, 50) == round(upper_bound(1, 50), 6)
