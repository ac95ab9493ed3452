"""Several answers to one problem: pass@k, and the best of k with a checker that chooses.

Contract: a problem's samples are judged one by one; an undecided or malformed one is not right.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


def pass_at_k(samples: int, right: int, k: int) -> float:
    """The chance that at least one of k answers is right, when `right` of `samples` were.

    The estimator without bias of Chen et al. (2021, arXiv:2107.03374), 1 - C(samples - right, k) / C(samples, k), as a
    product of factors within 0..1, so that nothing overflows. Raises ValueError unless 0 <= right <= samples and
    1 <= k <= samples: more answers than were drawn are not estimated.
    """
    if not 0 <= right <= samples:
        raise ValueError(f"{right} right of {samples} samples")
    if not 1 <= k <= samples:
        raise ValueError(f"pass@{k} of {samples} samples: k must be in 1..{samples}")
    missed = 1.0
    for drawn in range(k):
        missed *= max(samples - right - drawn, 0) / (samples - drawn)
    return 1.0 - missed


def mean_pass_at_k(counts: Sequence[tuple[int, int]], k: int) -> float | None:
    """The mean of pass@k over problems, each with its (samples, right); None for no problems."""
    return sum(pass_at_k(samples, right, k) for samples, right in counts) / len(counts) if counts else None


@dataclass(frozen=True)
class BestOf:
    """What is handed out when a checker chooses among the first k answers, and nothing where it accepts none."""

    k: int
    problems: int
    answered: int
    right: int

    @property
    def coverage(self) -> float | None:
        """The share of problems with an answer; None for no problems."""
        return self.answered / self.problems if self.problems else None

    @property
    def precision(self) -> float | None:
        """The share of answers handed out that are right; None for no answers. A sound checker makes it 1."""
        return self.right / self.answered if self.answered else None


def chosen(accepted: Sequence[bool], k: int) -> int | None:
    """The place of the first of the first k answers that the checker accepts; None for none."""
    return next((place for place, accepts in enumerate(accepted[:k]) if accepts), None)


def best_of_k(accepted: Sequence[Sequence[bool]], right: Sequence[Sequence[bool]], k: int) -> BestOf:
    """The count of problems whose chosen answer is handed out, and is right.

    `accepted` is the chooser's word on each sample of each problem, `right` another's, who judged the same samples
    anew: precision measured with one and the same judgement is 1 whatever the chooser does. Raises ValueError where a
    problem has fewer than k samples, or the two do not have the same shape.
    """
    if [len(samples) for samples in accepted] != [len(samples) for samples in right]:
        raise ValueError("two judgements of different samples")
    if any(len(samples) < k for samples in accepted) or k < 1:
        raise ValueError(f"best of {k}: k must be at least 1 and no more than any problem's samples")
    places = [chosen(samples, k) for samples in accepted]
    picked = [bool(truth[place]) for place, truth in zip(places, right, strict=True) if place is not None]
    return BestOf(k, len(accepted), len(picked), sum(picked))
