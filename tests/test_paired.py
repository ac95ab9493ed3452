"""Two models on the same problems: against statsmodels, against plain resampling, and in simulation."""

from __future__ import annotations

from math import comb
from time import thread_time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.contingency_tables import mcnemar as statsmodels_mcnemar

from neurosym.metrics.bootstrap import mean_interval
from neurosym.metrics.paired import Paired, compare, mcnemar_exact, mcnemar_mid, sentence


def results(both, only_first, only_second, neither):
    """Two models' results with these counts."""
    counts = {(True, True): both, (True, False): only_first, (False, True): only_second, (False, False): neither}
    pairs = [pair for pair, count in counts.items() for _ in range(count)]
    return [a for a, _ in pairs], [b for _, b in pairs]


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.integers(0, 400), st.integers(0, 400))
def test_exact_mcnemar_agrees_with_statsmodels(losses, wins):
    table = [[10, losses], [wins, 20]]
    assert mcnemar_exact(losses, wins) == pytest.approx(statsmodels_mcnemar(table, exact=True).pvalue, abs=1e-12)


def test_mid_p_by_hand():
    for losses in range(12):
        for wins in range(12):
            total = losses + wins
            seen = comb(total, wins) / 2**total
            expected = 1 - seen / 2 if losses == wins else mcnemar_exact(losses, wins) - seen
            assert mcnemar_mid(losses, wins) == pytest.approx(expected if total else 1.0, abs=1e-12)
    assert mcnemar_mid(1, 8) == pytest.approx(2 / 512 + 9 / 512)


def test_mid_p_keeps_its_level_and_exact_p_never_exceeds_it():
    for total in (20, 60, 200):
        weights = [comb(total, wins) / 2**total for wins in range(total + 1)]
        alarms = {test: sum(weight for wins, weight in enumerate(weights) if test(total - wins, wins) < 0.05)
                  for test in (mcnemar_exact, mcnemar_mid)}  # fmt: skip
        assert alarms[mcnemar_exact] <= 0.05 and alarms[mcnemar_exact] <= alarms[mcnemar_mid] <= 0.06


def test_counts_and_difference():
    found = compare(*results(70, 5, 30, 95))
    assert (found.problems, found.forms) == (200, 200)
    assert (found.both, found.only_first, found.only_second, found.neither) == (70, 5, 30, 95)
    assert found.difference == pytest.approx(0.125) and 0 < found.low < 0.125 < found.high
    assert found.exact_p == mcnemar_exact(5, 30) and found.mid_p == mcnemar_mid(5, 30)


def test_the_other_way_round_it_is_the_mirror_image():
    first, second = results(70, 5, 30, 95)
    there, back = compare(first, second), compare(second, first)
    assert back.difference == -there.difference and back.exact_p == there.exact_p
    assert (back.low, back.high) == pytest.approx((-there.high, -there.low), abs=0.006)


def test_order_and_names_of_clusters_do_not_matter_and_the_seed_hardly():
    first, second = results(30, 5, 20, 45)
    clusters = [f"form {number // 2}" for number in range(100)]
    found = compare(first, second, clusters, seed=3)
    order = np.random.default_rng(0).permutation(100)
    renamed = {cluster: f"x{number}" for number, cluster in enumerate(sorted(set(clusters), reverse=True))}
    again = compare(*([each[place] for place in order] for each in (first, second)),
                    [renamed[clusters[place]] for place in order], seed=3)  # fmt: skip
    assert again == found
    other = compare(first, second, clusters, seed=4)
    assert (other.low, other.high) == pytest.approx((found.low, found.high), abs=0.011)


def plain_bootstrap(values, clusters, seed):
    """Clusters drawn one by one, as in the textbook."""
    generator = np.random.default_rng(seed)
    names = sorted(set(clusters))
    held = list(zip(values, clusters, strict=True))
    members = [np.array([value for value, name in held if name == each]) for each in names]
    means = []
    for _ in range(4000):
        drawn = [members[place] for place in generator.integers(len(names), size=len(names))]
        means.append(np.concatenate(drawn).mean())
    return np.quantile(means, [0.025, 0.975])


def test_counting_equal_clusters_is_the_plain_bootstrap():
    generator = np.random.default_rng(5)
    clusters = generator.integers(60, size=150).tolist()
    values = (generator.random(150) < 0.6).astype(float).tolist()
    ours = mean_interval(values, clusters)
    assert ours == pytest.approx(tuple(plain_bootstrap(values, clusters, 1)), abs=0.01)


def test_copies_add_no_certainty():
    first, second = results(20, 5, 15, 20)
    once = compare(first, second)
    forms = [number for _ in range(4) for number in range(60)]
    copied = compare(first * 4, second * 4, forms)
    assert (copied.low, copied.high, copied.exact_p) == (once.low, once.high, once.exact_p)
    naive = compare(first * 4, second * 4)
    assert naive.high - naive.low < 0.6 * (once.high - once.low) and naive.exact_p < once.exact_p / 10


@pytest.mark.parametrize(
    ("only_first", "only_second", "problems"), [(0.1, 0.2, 100), (0.05, 0.15, 200), (0.1, 0.1, 200)]
)
def test_intervals_cover_94_to_96_percent_of_simulated_comparisons(only_first, only_second, problems):
    generator = np.random.default_rng(11)
    odds = [only_first, 1 - only_first - only_second, only_second]
    covered, runs = 0, 3000
    for run in range(runs):
        gains = generator.choice([-1.0, 0.0, 1.0], size=problems, p=odds).tolist()
        low, high = mean_interval(gains, bounds=(-1, 1), seed=run, resamples=1000)
        covered += low - 1e-9 <= only_second - only_first <= high + 1e-9
    assert 0.94 <= covered / runs <= 0.96


def test_intervals_cover_where_renamings_stand_beside_each_other():
    """Forms have one to three problems, and each form its own rate: its problems go right or wrong together."""
    generator = np.random.default_rng(17)
    covered, naive, runs = 0, 0, 2000
    for run in range(runs):
        sizes = generator.integers(1, 4, size=150)
        rates = np.repeat(generator.beta(0.5, 0.5, size=150), sizes)
        hits = (generator.random(len(rates)) < rates).astype(float).tolist()
        low, high = mean_interval(hits, np.repeat(np.arange(150), sizes).tolist(), seed=run, resamples=1000)
        covered += low - 1e-9 <= 0.5 <= high + 1e-9
        low, high = mean_interval(hits, seed=run, resamples=1000)
        naive += low <= 0.5 <= high
    assert 0.94 <= covered / runs <= 0.96
    assert naive / runs < 0.91, "as if all problems were independent"


def test_two_equal_models_are_not_called_different_more_often_than_said():
    generator = np.random.default_rng(13)
    alarms = 0
    for _ in range(4000):
        wins, losses, _rest = generator.multinomial(200, [0.15, 0.15, 0.7])
        alarms += mcnemar_mid(int(losses), int(wins)) < 0.05
    assert 0.035 <= alarms / 4000 <= 0.06


@pytest.mark.parametrize(("counts", "difference"), [((50, 0, 0, 0), 0), ((0, 0, 0, 50), 0), ((0, 0, 50, 0), 1)])
def test_no_spread_is_no_certainty(counts, difference):
    found = compare(*results(*counts))
    assert found.difference == difference
    assert found.high - found.low == pytest.approx(2 * (1 - 0.05 ** (1 / 50)))
    assert -1 <= found.low <= difference <= found.high <= 1


def test_many_different_values_take_no_longer_than_a_few_seconds():
    values = np.random.default_rng(1).random(30_000)
    start = thread_time()
    low, high = mean_interval(values.tolist())
    assert thread_time() - start < 10
    half = 1.96 * values.std() / len(values) ** 0.5
    assert (low, high) == pytest.approx((values.mean() - half, values.mean() + half), abs=half / 5)


def test_means_within_bounds_and_of_nothing():
    assert mean_interval([]) == (0, 1) and mean_interval([], bounds=(-1, 1)) == (-1, 1)
    low, high = mean_interval([1.0] * 30)
    assert high == 1 and low == pytest.approx(0.05 ** (1 / 30))
    with pytest.raises(ValueError, match="outside"):
        mean_interval([0.5, 2.0])
    with pytest.raises(ValueError, match="outside"):
        mean_interval([float("nan")])
    with pytest.raises(ValueError, match="clusters"):
        mean_interval([0.5, 1.0], ["a"])


@pytest.mark.parametrize(
    ("first", "second", "clusters"), [([], [], None), ([True], [], None), ([True], [True], [1, 2])]
)
def test_what_does_not_pair_is_refused(first, second, clusters):
    with pytest.raises(ValueError, match="results of"):
        compare(first, second, clusters)


def made(difference, low, high, p_value, problems=200, forms=200):
    return Paired(problems, forms, 0, 0, 0, 0, difference, low, high, p_value, p_value)


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (made(0.125, 0.071, 0.179, 0.0003),
         "B proves 12.5 points more than A (95% interval 7.1 to 17.9; McNemar p = 0.0003; 200 problems)"),
        (made(-0.125, -0.179, -0.071, 1e-9),
         "B proves 12.5 points less than A (95% interval 7.1 to 17.9; McNemar p < 0.0001; 200 problems)"),
        (made(0.01, -0.0204, 0.04, 0.625),
         "B proves 1.0 points more than A, which may be chance (95% interval -2.0 to 4.0; McNemar p = 0.62; "
         "200 problems)"),
        (made(-0.01, -0.04, 0.0, 0.5),
         "B proves 1.0 points less than A, which may be chance (95% interval 0.0 to 4.0; McNemar p = 0.5; "
         "200 problems)"),
        (made(0.0, -0.0149, 0.0149, 1.0),
         "B proves as much as A (95% interval -1.5 to 1.5; McNemar p = 1; 200 problems)"),
        (made(0.2, 0.1, 0.3, 0.01, 200, 50),
         "B proves 20.0 points more than A (95% interval 10.0 to 30.0; sign test by form p = 0.01; "
         "200 problems of 50 forms)"),
    ],
)  # fmt: skip
def test_the_sentence(found, said):
    assert sentence(found, "A", "B") == said
