"""What an answer costs: against the oracle's answer, and in seconds for each one that is proved.

Contract: a cost is what the problem's own metric says (plan length where it has none), in whole numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf


@dataclass(frozen=True)
class CostRatios:
    """Proved answers against the oracle's, where both have a cost.

    `mean` and `worst` are of the ratio, 1 being the oracle's own cost; `as_good` and `cheaper` count answers that cost
    no more, and less. An oracle that does not promise optimal answers can be beaten.
    """

    compared: int
    mean: float | None
    worst: float | None
    as_good: int
    cheaper: int


def cost_ratio(cost: int, reference: int) -> float:
    """Cost over the reference's cost: 1 where both are 0, infinite where the reference alone is 0.

    Raises ValueError for a negative cost.
    """
    if min(cost, reference) < 0:
        raise ValueError(f"costs {cost} and {reference}: none may be negative")
    if not reference:
        return inf if cost else 1.0
    return cost / reference


def cost_ratios(costs: Sequence[tuple[int, int]]) -> CostRatios:
    """The ratios of pairs (cost, oracle's cost). An infinite ratio is counted, but is in neither mean nor worst."""
    ratios = [cost_ratio(cost, reference) for cost, reference in costs]
    finite = [ratio for ratio in ratios if ratio < inf]
    return CostRatios(
        compared=len(ratios),
        mean=sum(finite) / len(finite) if finite else None,
        worst=max(finite, default=None),
        as_good=sum(ratio <= 1 for ratio in ratios),
        cheaper=sum(ratio < 1 for ratio in ratios),
    )


def seconds_per_proved(seconds: float, proved: int) -> float | None:
    """All the time spent, on wrong and undecided answers too, over the answers proved; None where there are none."""
    return seconds / proved if proved else None
