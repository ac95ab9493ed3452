"""Calibration against scikit-learn, against brute force, and on models whose calibration is known."""

from __future__ import annotations

from itertools import pairwise
from math import inf, log, nan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss

from neurosym.metrics.calibration import (
    area_under_risk_coverage,
    brier,
    expected_calibration_error,
    perplexity,
    reliability,
    risk_coverage,
    sequence_confidence,
)

ANSWERS = st.lists(st.tuples(st.integers(0, 20).map(lambda n: n / 20), st.booleans()), min_size=1, max_size=60)


def random_answers(seed: int, count: int = 500) -> tuple[list[float], list[bool]]:
    generator = np.random.default_rng(seed)
    return generator.random(count).tolist(), (generator.random(count) < 0.4).tolist()


@pytest.mark.parametrize("seed", range(5))
def test_bins_and_brier_agree_with_scikit_learn(seed):
    sure, right = random_answers(seed)
    bins = reliability(sure, right)
    accuracy, confidence = calibration_curve(right, sure, n_bins=10)
    assert [held.accuracy for held in bins] == pytest.approx(accuracy)
    assert [held.confidence for held in bins] == pytest.approx(confidence)
    assert sum(held.count for held in bins) == 500
    assert brier(sure, right) == pytest.approx(brier_score_loss(right, sure))


def test_calibration_error_by_hand():
    bins = reliability([0.95, 0.95, 0.95, 0.95, 0.15], [True, True, True, False, False])
    assert [(held.low, held.high, held.count) for held in bins] == [(0.1, 0.2, 1), (0.9, 1.0, 4)]
    assert expected_calibration_error(bins) == pytest.approx((4 * 0.2 + 0.15) / 5)


def test_a_calibrated_model_is_found_calibrated_and_an_overconfident_one_not():
    generator = np.random.default_rng(1)
    sure = generator.random(20_000)
    right = (generator.random(20_000) < sure).tolist()
    assert expected_calibration_error(reliability(sure.tolist(), right)) < 0.02
    boasts = (1 - (1 - sure) / 4).tolist()
    assert expected_calibration_error(reliability(boasts, right)) > 0.3


@settings(max_examples=200, deadline=None, derandomize=True)
@given(ANSWERS, st.randoms(use_true_random=False))
def test_the_order_of_answers_never_matters(answers, rng):
    shuffled = list(answers)
    rng.shuffle(shuffled)
    for measure in (reliability, brier, risk_coverage, area_under_risk_coverage):
        assert measure(*zip(*answers, strict=True)) == measure(*zip(*shuffled, strict=True))


def brute_force_area(sure, right):
    order = sorted(range(len(sure)), key=lambda place: -sure[place])
    misses = np.cumsum([not right[place] for place in order])
    return float(np.mean(misses / np.arange(1, len(sure) + 1)))


@pytest.mark.parametrize("seed", range(5))
def test_the_area_is_the_mean_of_all_risks(seed):
    sure, right = random_answers(seed, 200)
    assert area_under_risk_coverage(sure, right) == pytest.approx(brute_force_area(sure, right))


def test_ties_give_the_average_over_their_orders():
    sure, right = [0.9, 0.5, 0.5, 0.5, 0.5, 0.1], [True, False, True, True, False, False]
    generator = np.random.default_rng(2)
    areas = []
    for _ in range(20_000):
        order = generator.permutation(6)
        areas.append(brute_force_area([sure[place] for place in order], [right[place] for place in order]))
    assert area_under_risk_coverage(sure, right) == pytest.approx(np.mean(areas), abs=0.003)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(ANSWERS)
def test_the_curve_ends_with_everything_answered(answers):
    sure, right = zip(*answers, strict=True)
    points = risk_coverage(sure, right)
    assert points[-1] == (1.0, right.count(False) / len(right))
    assert all(earlier.coverage < later.coverage for earlier, later in pairwise(points))
    for point, threshold in zip(points, sorted(set(sure), reverse=True), strict=True):
        kept = [hit for confidence, hit in answers if confidence >= threshold]
        assert point == pytest.approx((len(kept) / len(answers), kept.count(False) / len(kept)))


def test_all_right_all_wrong_and_nobody_asked():
    sure = [0.2, 0.2, 1.0, 0.0]
    assert area_under_risk_coverage(sure, [True] * 4) == 0 and area_under_risk_coverage(sure, [False] * 4) == 1
    assert brier([1.0, 1.0], [True, True]) == 0 and brier([1.0], [False]) == 1
    assert expected_calibration_error(reliability([1.0, 0.0], [True, False])) == 0
    assert reliability([], []) == risk_coverage([], []) == []
    assert brier([], []) is expected_calibration_error([]) is area_under_risk_coverage([], []) is None


@pytest.mark.parametrize("sure", [1.1, -0.1, nan, inf])
def test_what_is_no_confidence_is_refused(sure):
    for measure in (reliability, brier, risk_coverage, area_under_risk_coverage):
        with pytest.raises(ValueError, match="confidence"):
            measure([0.5, sure], [True, True])
        with pytest.raises(ValueError, match="1 confidences and 2 verdicts"):
            measure([0.5], [True, True])


def test_a_fair_die_has_perplexity_six():
    assert perplexity([-3 * log(6), -5 * log(6)], [3, 5]) == pytest.approx(6)
    assert perplexity([0.0], [4]) == 1 and perplexity([-1e6], [1]) == inf
    assert perplexity([], []) is None and perplexity([0.0], [0]) is None
    with pytest.raises(ValueError, match="token counts"):
        perplexity([0.0], [])


def test_the_confidence_of_a_text_is_its_probability():
    assert sequence_confidence(log(0.25)) == pytest.approx(0.25) and sequence_confidence(-inf) == 0
    assert sequence_confidence(1e-7) == 1, "rounding of half precision is no probability above 1"
