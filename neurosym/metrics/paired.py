"""Two models on the same problems: the difference of what they prove, how sure it is, and one plain sentence.

Contract: every problem counts, with True for proved and False for all else, an undecided answer included. Renamings of
one problem (`clusters`, their canonical forms) count as one draw, in the interval and in the test.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from neurosym.metrics.bootstrap import mean_interval

SIGNIFICANT = 0.05
LEAST_P = 0.0001
"""The smallest p-value that a sentence writes out."""


@dataclass(frozen=True)
class Paired:
    """A comparison. `difference` is the share the second proves less the share the first proves, from -1 to 1.

    `low` and `high` are its 95% interval. `both`, `only_first`, `only_second` and `neither` count problems, `forms` the
    different canonical forms. `exact_p` and `mid_p` are two-sided McNemar p-values of wins and losses by form.
    """

    problems: int
    forms: int
    both: int
    only_first: int
    only_second: int
    neither: int
    difference: float
    low: float
    high: float
    exact_p: float
    mid_p: float


def compare(
    first: Sequence[bool], second: Sequence[bool], clusters: Sequence[Hashable] | None = None, seed: int = 0
) -> Paired:
    """The comparison of what two models prove of the same problems, in the same order.

    With clusters, a form counts in the test for the model that proves more of its problems, or not at all: a sign test,
    which is McNemar's where every form occurs once. Raises ValueError for no problems or lists of different lengths.
    """
    names = range(len(first)) if clusters is None else clusters
    if not len(first) or len({len(first), len(second), len(names)}) > 1:
        raise ValueError(f"results of {len(first)} and {len(second)} problems in {len(names)} clusters")
    pairs = [(bool(a), bool(b)) for a, b in zip(first, second, strict=True)]
    differences = [b - a for a, b in pairs]
    lead: dict[Hashable, int] = {}
    for name, gain in zip(names, differences, strict=True):
        lead[name] = lead.get(name, 0) + gain
    losses, wins = sum(gain < 0 for gain in lead.values()), sum(gain > 0 for gain in lead.values())
    interval = mean_interval(differences, names, bounds=(-1.0, 1.0), seed=seed)
    return Paired(
        problems=len(pairs),
        forms=len(lead),
        both=pairs.count((True, True)),
        only_first=pairs.count((True, False)),
        only_second=pairs.count((False, True)),
        neither=pairs.count((False, False)),
        difference=sum(differences) / len(pairs),
        low=interval.low,
        high=interval.high,
        exact_p=mcnemar_exact(losses, wins),
        mid_p=mcnemar_mid(losses, wins),
    )


def mcnemar_exact(losses: int, wins: int) -> float:
    """The two-sided exact p-value of McNemar (1947): never more false alarms than it says."""
    return min(1.0, 2 * _at_most(min(losses, wins), losses + wins))


def mcnemar_mid(losses: int, wins: int) -> float:
    """The two-sided mid-p value, which is less conservative: half the weight of what was seen counts.

    Fagerland, Lydersen and Laake (2013). It may exceed the level it says by a little.
    """
    fewer, total = min(losses, wins), losses + wins
    seen = _at_most(fewer, total) - _at_most(fewer - 1, total)
    if losses == wins:
        return 1 - seen / 2 if total else 1.0
    return 2 * _at_most(fewer - 1, total) + seen


def _at_most(heads: int, coins: int) -> float:
    """The probability of at most so many heads among fair coins."""
    from scipy.special import bdtr

    return float(bdtr(heads, coins, 0.5)) if heads >= 0 else 0.0


def sentence(found: Paired, first: str, second: str, verb: str = "proves") -> str:
    """What was found, in one plain sentence about the second model; `verb` says what True meant.

    A difference that the exact test does not tell from chance at the 5% level is said to be one.
    """
    points, ends = _tenths(found.difference), (_tenths(found.low), _tenths(found.high))
    if found.difference < 0:
        points, ends = -points, (-ends[1] + 0.0, -ends[0] + 0.0)
    said = f"{second} {verb} {points:.1f} points {'more' if found.difference > 0 else 'less'} than {first}"
    if found.difference == 0:
        said = f"{second} {verb} as much as {first}"
    elif found.exact_p >= SIGNIFICANT:
        said += ", which may be chance"
    test, size = "McNemar", f"{found.problems} problems"
    if found.forms < found.problems:
        test, size = "sign test by form", f"{size} of {found.forms} forms"
    p_value = f"p = {found.exact_p:.2g}" if found.exact_p >= LEAST_P else f"p < {LEAST_P}"
    return f"{said} (95% interval {ends[0]:.1f} to {ends[1]:.1f}; {test} {p_value}; {size})"


def _tenths(share: float) -> float:
    """A share in percent, to a tenth, never minus zero."""
    return round(100 * share, 1) + 0.0
