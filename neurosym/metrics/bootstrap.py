"""A confidence interval for a mean over problems, by resampling (Efron, 1979); copies of one problem stay together.

Contract: problems of one cluster (renamings of one problem, which have one canonical form) are not independent, so
whole clusters are drawn (Davison and Hinkley, 1997, section 3.8). The same values, clusters and seed give the same
interval, in whatever order they come. Percentile intervals need some 30 clusters or more to cover what they say.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, Any

from neurosym.metrics.proportions import CONFIDENCE, Interval, upper_bound

if TYPE_CHECKING:
    import numpy as np

RESAMPLES = 10_000
FEWEST_RESAMPLES = 1000
MOST_DRAWS = 20_000_000
"""Resamples times kinds of cluster above which fewer resamples are drawn: about a second."""

_CELLS = 1 << 22
"""Resamples times kinds of cluster that are held in memory at once."""


def mean_interval(
    values: Sequence[float],
    clusters: Sequence[Hashable] | None = None,
    *,
    bounds: tuple[float, float] = (0.0, 1.0),
    seed: int = 0,
    confidence: float = CONFIDENCE,
    resamples: int = RESAMPLES,
) -> Interval:
    """The percentile bootstrap interval of the mean of `values`, which lie within `bounds`.

    `clusters` names each value's cluster (None: every value is its own). No values give `bounds`. Where all clusters
    have one mean, resampling sees no spread and would claim certainty; then what was never drawn, which at this
    confidence is less than 1 - (1 - confidence)^(1/clusters) of all, is taken to lie anywhere within `bounds`. Of
    thousands of different clusters fewer resamples are drawn, but never fewer than `FEWEST_RESAMPLES`. Raises
    ValueError for values out of bounds or lists of different lengths.
    """
    import numpy as np

    numbers = np.asarray(values, np.float64)
    if not ((numbers >= bounds[0]) & (numbers <= bounds[1])).all():
        raise ValueError(f"values outside {bounds[0]}..{bounds[1]}")
    if not len(numbers):
        return Interval(*bounds)
    sums, sizes, counts = _kinds(numbers, clusters)
    drawn = int(counts.sum())
    if np.ptp(sums / sizes) < 1e-12:
        mean, unseen = float(sums[0] / sizes[0]), upper_bound(0, drawn, confidence)
        return Interval(mean + unseen * (bounds[0] - mean), mean + unseen * (bounds[1] - mean))
    resamples = min(resamples, max(FEWEST_RESAMPLES, MOST_DRAWS // len(counts)))
    means = _resampled_means(sums, sizes, counts, seed, resamples)
    low, high = np.quantile(means, [(1 - confidence) / 2, (1 + confidence) / 2])
    return Interval(float(low), float(high))


def _kinds(numbers: np.ndarray[Any, Any], clusters: Sequence[Hashable] | None) -> tuple[np.ndarray[Any, Any], ...]:
    """The different clusters, a cluster being the sum and the number of its values, and how often each occurs."""
    import numpy as np

    codes = np.arange(len(numbers))
    if clusters is not None:
        if len(clusters) != len(numbers):
            raise ValueError(f"{len(numbers)} values and {len(clusters)} clusters")
        first: dict[Hashable, int] = {}
        codes = np.array([first.setdefault(cluster, len(first)) for cluster in clusters])
    order = np.lexsort((numbers, codes))  # a sum of floats depends on their order
    starts = np.flatnonzero(np.diff(codes[order], prepend=-1))
    sums, sizes = np.add.reduceat(numbers[order], starts), np.diff(starts, append=len(numbers))
    kinds, counts = np.unique(np.column_stack([sums, sizes]), axis=0, return_counts=True)
    return kinds[:, 0], kinds[:, 1], counts


def _resampled_means(
    sums: np.ndarray[Any, Any], sizes: np.ndarray[Any, Any], counts: np.ndarray[Any, Any], seed: int, resamples: int
) -> np.ndarray[Any, Any]:
    """Means of `resamples` draws, with replacement, of as many clusters as there are.

    Equal clusters are drawn by their number alone, which is multinomial: the same law as drawing them one by one.
    """
    import numpy as np

    generator = np.random.default_rng(seed)
    total = int(counts.sum())
    step = max(_CELLS // len(counts), 1)
    means = []
    for start in range(0, resamples, step):
        drawn = generator.multinomial(total, counts / total, size=min(step, resamples - start))
        means.append((drawn @ sums) / (drawn @ sizes))
    return np.concatenate(means)
