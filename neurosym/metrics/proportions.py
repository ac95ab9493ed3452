"""Confidence intervals for a share: how far `successes` of `trials` may be from the true rate.

Contract: two-sided intervals within 0..1; nothing tried is (0, 1), because nothing is known.
"""

from __future__ import annotations

from math import sqrt
from statistics import NormalDist
from typing import NamedTuple

CONFIDENCE = 0.95


class Interval(NamedTuple):
    """A confidence interval, ends included."""

    low: float
    high: float


def wilson(successes: int, trials: int, confidence: float = CONFIDENCE) -> Interval:
    """The score interval of Wilson (1927), which covers close to `confidence` on average over true rates.

    Raises ValueError unless 0 <= successes <= trials.
    """
    _require_counts(successes, trials)
    if not trials:
        return Interval(0.0, 1.0)
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    share, spread = successes / trials, z * z / trials
    centre = (share + spread / 2) / (1 + spread)
    half = z * sqrt((share * (1 - share) + spread / 4) / trials) / (1 + spread)
    # Where all or none succeeded, one end is 0 or 1 but for rounding.
    low = max(centre - half, 0.0) if successes else 0.0
    high = min(centre + half, 1.0) if successes < trials else 1.0
    return Interval(low, high)


def clopper_pearson(successes: int, trials: int, confidence: float = CONFIDENCE) -> Interval:
    """The exact interval of Clopper and Pearson (1934), which covers at least `confidence` whatever the true rate.

    Raises ValueError unless 0 <= successes <= trials.
    """
    one_sided = (1 + confidence) / 2
    failures = trials - successes
    return Interval(1.0 - upper_bound(failures, trials, one_sided), upper_bound(successes, trials, one_sided))


def upper_bound(successes: int, trials: int, confidence: float = CONFIDENCE) -> float:
    """The one-sided upper bound on a rate (Clopper and Pearson, 1934).

    Raises ValueError unless 0 <= successes <= trials.
    """
    from scipy.special import betaincinv

    _require_counts(successes, trials)
    return 1.0 if successes == trials else float(betaincinv(successes + 1, trials - successes, confidence))


def _require_counts(successes: int, trials: int) -> None:
    if not 0 <= successes <= trials:
        raise ValueError(f"{successes} successes of {trials} trials")
