"""Metrics against values known beforehand, and an audit that finds planted false labels."""

from __future__ import annotations

import math
from array import array
from collections import Counter

import pytest
from scipy import stats

import neurosym as ns
from neurosym.audit import upper_bound
from neurosym.cluster import InProcess
from neurosym.core import Claim
from neurosym.quality import _near_duplicates, distribution, entropy_bits, measure


def test_entropy_of_known_distributions():
    assert entropy_bits([1, 1]) == 1 and entropy_bits([8]) == 0 and entropy_bits([]) == 0
    assert entropy_bits([1, 1, 1, 1, 0]) == 2
    assert entropy_bits([3, 1]) == pytest.approx(stats.entropy([3, 1], base=2), abs=1e-6)


@pytest.mark.parametrize(("failures", "trials"), [(0, 30), (0, 100), (1, 50), (7, 60), (5, 5), (0, 0)])
def test_the_bound_is_clopper_and_pearsons(failures, trials):
    bound = upper_bound(failures, trials)
    if failures == trials:
        assert bound == 1
        return
    exact = stats.binomtest(failures, trials, alternative="less").proportion_ci(0.95, method="exact")
    assert bound == pytest.approx(exact.high, abs=1e-6)


def test_distribution_of_known_values():
    found = distribution(array("q", range(101)))
    assert found == {"min": 0, "p25": 25, "median": 50, "p75": 75, "p90": 90, "max": 100}
    assert distribution(array("q")) == {}


def test_near_duplicates_are_found_and_others_are_not():
    # A thousand different words each: two texts share a shingle only if one was copied.
    different = [" ".join(f"w{text}x{word}" for word in range(100)) for text in range(30)]
    copies = [f"{text} indeed" for text in different[:10]]
    assert _near_duplicates(different)["like_an_earlier_one"] == 0
    assert _near_duplicates(different + copies)["like_an_earlier_one"] == 10
    assert _near_duplicates([])["share"] == 0


def test_what_is_measured_is_what_is_there(lake):
    found = measure(lake, InProcess(), audit=20)
    assert found["counts"]["status"] == {"correct": 180} and found["counts"]["trust"] == {"proved": 180}
    domain = found["domains"]["random_ksat"]
    records = list(lake.records("random_ksat"))
    unsat = sum(record.claim.answer == "unsat" for record in records)
    assert domain["conclusions"] == {"sat": 60 - unsat, "unsat": unsat}
    share = unsat / 60
    entropy = -share * math.log2(share) - (1 - share) * math.log2(1 - share)
    assert domain["conclusion_entropy_bits"] == pytest.approx(entropy, abs=1e-5)
    assert domain["majority_answer"] == pytest.approx(unsat / 60, abs=1e-6)
    assert domain["difficulty"]["max"] == max(record.difficulty for record in records)
    assert domain["completion_characters"]["min"] == min(len(record.completion) for record in records)
    assert domain["splits"] == dict(Counter(entry["split"] for entry in lake.files("random_ksat") for _ in
                                            range(entry["rows"])))  # fmt: skip
    assert domain["duplicate_prompts"] == 0
    for name, second in {"random_ksat": "glucose", "linear_integer": "cvc5", "blocksworld": "pyperplan"}.items():
        audit = found["domains"][name]["audit"]
        assert (audit["oracle"], audit["sampled"], audit["decided"], audit["disagrees"]) == (second, 20, 20, 0)
        assert audit["error_rate_below"] == upper_bound(0, 20)


def test_an_oracle_without_a_second_is_not_audited(lake, monkeypatch):
    monkeypatch.setattr(ns.oracle("glucose"), "version", _missing)
    audit = measure(lake, InProcess(), audit=5)["domains"]["random_ksat"]["audit"]
    assert audit["oracle"] is None and audit["sampled"] == 0 and "glucose is not here" in audit["why_not"]


def _missing() -> str:
    raise ns.Undecided(ns.Reason.TOOL_MISSING, "glucose is not here")


def test_an_undecided_audit_is_no_agreement(lake, monkeypatch):
    def undecided(problem: ns.Problem, budget: ns.Budget) -> Claim:
        raise ns.Undecided(ns.Reason.TIMEOUT)

    monkeypatch.setattr(ns.oracle("glucose"), "solve", undecided)
    audit = measure(lake, InProcess(), audit=5)["domains"]["random_ksat"]["audit"]
    assert audit["decided"] == 0 and audit["error_rate_below"] == 1.0
