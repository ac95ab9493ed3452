"""pass@k against brute force over all draws, and a checker that chooses."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations
from math import comb

import numpy as np
import pytest

from neurosym.metrics.pass_at_k import best_of_k, chosen, mean_pass_at_k, pass_at_k


def test_every_draw_counted_by_hand():
    for samples in range(1, 8):
        for right in range(samples + 1):
            for k in range(1, samples + 1):
                draws = list(combinations([True] * right + [False] * (samples - right), k))
                assert pass_at_k(samples, right, k) == pytest.approx(sum(map(any, draws)) / len(draws))


@pytest.mark.parametrize(("samples", "right", "k"), [(200, 7, 100), (5000, 1, 2500), (10_000, 3, 100), (1000, 999, 1)])
def test_large_numbers_stay_exact(samples, right, k):
    exact = 1 - Fraction(comb(samples - right, k), comb(samples, k))
    assert pass_at_k(samples, right, k) == pytest.approx(float(exact), rel=1e-9)


def test_it_agrees_with_the_papers_product():
    for samples, right, k in ((20, 3, 5), (100, 50, 10), (64, 1, 64)):
        paper = 1.0 if samples - right < k else 1 - np.prod(1 - k / np.arange(samples - right + 1, samples + 1))
        assert pass_at_k(samples, right, k) == pytest.approx(paper)


def test_it_is_without_bias():
    generator = np.random.default_rng(3)
    for rate, k in ((0.1, 4), (0.5, 2), (0.02, 8)):
        seen = generator.binomial(16, rate, size=40_000)
        estimate = mean_pass_at_k([(16, int(right)) for right in seen], k)
        assert estimate == pytest.approx(1 - (1 - rate) ** k, abs=0.006)
        if k > 1:
            plugged_in = np.mean(1 - (1 - seen / 16) ** k)
            assert abs(plugged_in - (1 - (1 - rate) ** k)) > 0.006, "what the estimator is there to avoid"


def test_ends():
    assert pass_at_k(8, 0, 8) == 0 and pass_at_k(8, 8, 1) == 1 and pass_at_k(8, 1, 8) == 1
    assert pass_at_k(1, 1, 1) == 1 and pass_at_k(8, 2, 1) == pytest.approx(0.25)
    assert mean_pass_at_k([], 1) is None
    assert mean_pass_at_k([(4, 0), (4, 4), (8, 2)], 1) == pytest.approx(1.25 / 3)


@pytest.mark.parametrize(("samples", "right", "k"), [(8, 9, 1), (8, -1, 1), (8, 1, 9), (8, 1, 0), (0, 0, 1)])
def test_what_cannot_be_estimated_is_refused(samples, right, k):
    with pytest.raises(ValueError, match=f"{samples} samples"):
        pass_at_k(samples, right, k)


def test_the_checker_chooses_the_first_it_accepts():
    assert chosen([False, True, True], 3) == 1 and chosen([False, True], 1) is None and chosen([], 4) is None


def test_coverage_and_precision():
    proved = [[False, True], [True, True], [False, False], [False, False]]
    found = best_of_k(proved, proved, 2)
    assert (found.problems, found.answered, found.right) == (4, 2, 2)
    assert found.coverage == 0.5 and found.precision == 1
    assert best_of_k(proved, proved, 1).coverage == 0.25


def test_a_credulous_chooser_loses_precision():
    right = [[False, True], [True, True], [False, False]]
    found = best_of_k([[True, True]] * 3, right, 2)
    assert found.coverage == 1 and found.precision == pytest.approx(1 / 3)


def test_nothing_asked_and_nothing_answered():
    assert best_of_k([], [], 4).coverage is None
    nothing = best_of_k([[False]], [[True]], 1)
    assert nothing.coverage == 0 and nothing.precision is None


@pytest.mark.parametrize(("accepted", "k"), [([[True]], 2), ([[True]], 0)])
def test_a_k_that_no_problem_has_is_refused(accepted, k):
    with pytest.raises(ValueError, match=f"best of {k}"):
        best_of_k(accepted, accepted, k)


def test_judgements_of_other_samples_are_refused():
    with pytest.raises(ValueError, match="different samples"):
        best_of_k([[True, False]], [[True]], 1)
