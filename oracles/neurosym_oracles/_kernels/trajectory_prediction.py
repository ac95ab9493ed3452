"""The motion that a question asks about, as far as it can be told: enclosures up to the horizon of predictability.

An enclosure is computed with 64, 128 or 256 bits: the first that bounds every error by a sixteenth of the tolerance.
The horizon is measured where 64 bits are not enough, or the proved growth of the bound does not show already that all
times come before it.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from neurosym_oracles._kernels.trajectory_enclosure import Enclosure, OutOfSteps, Steps, TooWide, enclose
from neurosym_oracles._kernels.trajectory_horizon import ROUNDING, predictable
from neurosym_oracles._kernels.trajectory_problem import Question
from neurosym_oracles._kernels.trajectory_sine import TooLarge

_MARGIN = 16
_CERTAIN = 1000
"""A rounding of a parameter acts all the way: taken to be at most so much more than one of an initial value."""


class Unpredictable(NamedTuple):
    """No enclosure is narrow enough, for the reason told. `timeout`: the steps allowed are used up."""

    detail: str
    timeout: bool = False


@lru_cache(maxsize=32)
def predict(question: Question, most_steps: int) -> Enclosure | Unpredictable:
    """The enclosure of the times before the horizon, or why there is none.

    Kept for the last questions, since many answers are judged against one.
    """
    steps = Steps(most_steps)
    count = len(question.times)
    try:
        for bits in (64, 128, 256):
            try:
                found = _enclosure(question, count, bits, steps)
            except TooWide:
                found = None
            if found is not None and (bits > 64 or _surely_predictable(question, found)):
                return found
            if bits == 64:
                count = predictable(question, steps)
                if found is not None or count == 0:
                    return _until(found or Enclosure([], [], Fraction(1)), count)
    except OutOfSteps:
        return Unpredictable(f"not enclosed within {most_steps} steps", timeout=True)
    except TooLarge as error:
        return Unpredictable(str(error))
    return Unpredictable("the error bound stays above the tolerance")


def _enclosure(question: Question, count: int, bits: int, steps: Steps) -> Enclosure:
    widest = question.tolerance / _MARGIN
    return enclose(question.motion(), question.initial, question.times[:count], widest, bits, steps)


def _surely_predictable(question: Question, found: Enclosure) -> bool:
    largest = max([Fraction(1), *(abs(value) for value in question.initial)])
    return found.growth * ROUNDING * largest * _CERTAIN <= question.tolerance


def _until(found: Enclosure, count: int) -> Enclosure:
    return Enclosure(found.middles[:count], found.radii[:count], found.growth)
