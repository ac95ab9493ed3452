"""Does a model know what it knows: confidences from 0 to 1 against verdicts.

Contract: `confidences[i]` is the model's own for answer i, and `right[i]` whether that answer is proved. The order of
answers never matters; among equal confidences it is taken to be random, and its average is given. All of these raise
ValueError for a confidence outside 0..1 (NaN too) and lists of different lengths.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, fsum, inf
from typing import NamedTuple

BINS = 10
LARGEST_EXPONENT = 709.0
"""exp of more is no float."""


@dataclass(frozen=True)
class Bin:
    """Answers whose confidence lies in low..high: how many, how sure of themselves, and how many right, on average."""

    low: float
    high: float
    count: int
    confidence: float
    accuracy: float


def sequence_confidence(logprob: float) -> float:
    """The model's probability of exactly this text, from the sum of its tokens' natural log-probabilities."""
    return exp(min(logprob, 0.0))


def perplexity(logprobs: Sequence[float], tokens: Sequence[int]) -> float | None:
    """exp of minus the mean log-probability of a token, over all answers; None where there are no tokens.

    Each answer gives the sum of its tokens' natural log-probabilities and their number. Infinite above 1e308.
    """
    if len(logprobs) != len(tokens):
        raise ValueError(f"{len(logprobs)} log-probabilities and {len(tokens)} token counts")
    if not sum(tokens):
        return None
    mean = -fsum(logprobs) / sum(tokens)
    return exp(mean) if mean < LARGEST_EXPONENT else inf


def reliability(confidences: Sequence[float], right: Sequence[bool], bins: int = BINS) -> list[Bin]:
    """Equally wide bins that hold an answer, from the lowest; the last includes 1 (Guo et al., 2017)."""
    edges = [number / bins for number in range(bins + 1)]
    held: dict[int, list[tuple[float, bool]]] = {}
    for sure, hit in _answers(confidences, right):
        held.setdefault(min(bisect_right(edges, sure), bins) - 1, []).append((sure, hit))
    return [
        Bin(
            low=edges[place],
            high=edges[place + 1],
            count=len(answers),
            confidence=fsum(sure for sure, _ in answers) / len(answers),
            accuracy=sum(hit for _, hit in answers) / len(answers),
        )
        for place, answers in sorted(held.items())
    ]


def expected_calibration_error(bins: Sequence[Bin]) -> float | None:
    """The mean distance of confidence and accuracy over the answers in `reliability`'s bins; None for no answers.

    Guo et al. (2017). It depends on the bins, and a model that gives every answer one and the same confidence, that of
    its accuracy, has none: read it beside the Brier score and the risk-coverage curve.
    """
    total = sum(held.count for held in bins)
    return fsum(held.count * abs(held.confidence - held.accuracy) for held in bins) / total if total else None


def brier(confidences: Sequence[float], right: Sequence[bool]) -> float | None:
    """The mean squared distance of confidence and truth (Brier, 1950), from 0, the best, to 1; None for no answers."""
    answers = _answers(confidences, right)
    return fsum((sure - hit) ** 2 for sure, hit in answers) / len(answers) if answers else None


class Point(NamedTuple):
    """Answering only when at least as sure as some threshold: the share answered, and the share of those not right."""

    coverage: float
    risk: float


def risk_coverage(confidences: Sequence[float], right: Sequence[bool]) -> list[Point]:
    """One point for each different confidence, from the surest on (El-Yaniv and Wiener, 2010); the last covers all."""
    answers = _answers(confidences, right)
    points, answered, missed = [], 0, 0
    for count, misses in _surest_first(answers):
        answered, missed = answered + count, missed + misses
        points.append(Point(answered / len(answers), missed / answered))
    return points


def area_under_risk_coverage(confidences: Sequence[float], right: Sequence[bool]) -> float | None:
    """AURC: the mean risk of the 1, 2, … all surest answers (Geifman, Uziel and El-Yaniv, 2019); None for no answers.

    0 where all are right, 1 where none is; a model that cannot tell its right answers has the share that is not right.
    """
    answers = _answers(confidences, right)
    risks, answered, missed = [], 0, 0
    for count, misses in _surest_first(answers):
        risks += [(missed + place * misses / count) / (answered + place) for place in range(1, count + 1)]
        answered, missed = answered + count, missed + misses
    return fsum(risks) / len(answers) if answers else None


def _surest_first(answers: Sequence[tuple[float, bool]]) -> list[tuple[int, int]]:
    """How many answers have each confidence, and how many of those are not right, from the highest confidence down."""
    found: dict[float, list[int]] = {}
    for sure, hit in answers:
        counts = found.setdefault(sure, [0, 0])
        counts[0] += 1
        counts[1] += not hit
    return [(count, misses) for _, (count, misses) in sorted(found.items(), reverse=True)]


def _answers(confidences: Sequence[float], right: Sequence[bool]) -> list[tuple[float, bool]]:
    if len(confidences) != len(right):
        raise ValueError(f"{len(confidences)} confidences and {len(right)} verdicts")
    for sure in confidences:
        if not 0 <= sure <= 1:
            raise ValueError(f"confidence {sure} is not in 0..1")
    return [(float(sure), bool(hit)) for sure, hit in zip(confidences, right, strict=True)]
