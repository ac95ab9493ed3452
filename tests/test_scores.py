"""The figures of an evaluation, against figures worked out by hand, by brute force and by statsmodels."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import combinations
from math import exp

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neurosym.core import Reason, Trust, Verdict
from neurosym.evaluation.judged import Answer, Asked, from_line, to_line
from neurosym.evaluation.scores import Effort, score

PROVED, WRONG, MALFORMED = Verdict.correct("valid plan of 4 steps"), Verdict.wrong(), Verdict.malformed("?")
AGREED, LATE = Verdict.correct(trust=Trust.AGREED), Verdict.undecided(Reason.TIMEOUT)


def asked(number: int, *verdicts: Verdict, form: int | None = None, **more) -> Asked:
    """A problem with an answer of each verdict; the first correct one of several is confirmed if it is proved."""
    answers = tuple(Answer(verdict) for verdict in verdicts)
    correct = [verdict for verdict in verdicts if verdict.status == "correct"]
    confirmed = correct[0].proved if correct and len(verdicts) > 1 else None
    known = {"domain": "d", "difficulty": number, "oracle_cost": None, "oracle_optimal": False, "confirmed": confirmed}
    form = number if form is None else form
    return Asked(**{"id": f"{number}", "canonical_id": f"{form}", "answers": answers, **known, **more})


def test_the_four_counts_are_over_the_full_denominator():
    verdicts = [PROVED] * 5 + [AGREED] + [WRONG] * 2 + [MALFORMED] * 3 + [LATE]
    problems = [asked(number, verdict) for number, verdict in enumerate(verdicts)]
    problems[8] = replace(problems[8], answers=(Answer(MALFORMED, error="503"),))
    found = score("m", "q", problems)
    assert {status: figure.count for status, figure in found.counts.items()} == {
        "correct": 6, "wrong": 2, "malformed": 3, "undecided": 1,
    }  # fmt: skip
    assert {figure.of for figure in found.counts.values()} == {12}
    assert (found.no_answer, dict(found.reasons), found.validity.count) == (1, {"timeout": 1}, 5)
    shown = str(found)
    assert "proved: 5" in shown and "no answer at all: 1" in shown and "timeout: 1" in shown


def test_intervals_of_independent_problems_are_wilsons():
    proportion = pytest.importorskip("statsmodels.stats.proportion")
    for right, total in ((0, 10), (3, 10), (131, 200), (200, 200)):
        found = score("m", "q", [asked(number, PROVED if number < right else WRONG) for number in range(total)])
        low, high = proportion.proportion_confint(right, total, method="wilson")
        assert found.validity.value == right / total
        assert (found.validity.low, found.validity.high) == pytest.approx((low, high), abs=1e-12)
        assert found.counts["wrong"].value == pytest.approx(1 - right / total)
        assert found.pass_at[1] == found.validity


def test_copies_of_a_form_widen_the_interval():
    """Ten copies of each of 30 problems, all alike, tell no more than the 30 problems."""
    one_each = score("m", "q", [asked(n, PROVED if n % 3 else WRONG) for n in range(30)])
    copies = score("m", "q", [asked(n, PROVED if n % 10 % 3 else WRONG, form=n % 10 + n // 100 * 10)
                              for n in range(300)])  # fmt: skip
    assert copies.problems == 300 and copies.forms == 30
    wide, own = copies.validity.high - copies.validity.low, one_each.validity.high - one_each.validity.low
    assert wide > 0.8 * own > 0.2
    assert copies.counts["wrong"].low == pytest.approx(1 - copies.validity.high, abs=0.02)


def test_pass_at_k_and_the_best_of_k():
    samples = [[PROVED, WRONG, PROVED, WRONG], [WRONG] * 4, [LATE, MALFORMED, WRONG, PROVED]]
    found = score("m", "q", [asked(number, *verdicts) for number, verdicts in enumerate(samples)])
    for k in range(1, 5):
        drawn = [any(v is PROVED for v in some) for each in samples for some in combinations(each, k)]
        assert found.pass_at[k].value == pytest.approx(sum(drawn) / len(drawn))
    assert found.best_of.k == 4 and found.best_of.coverage.value == pytest.approx(2 / 3)
    assert found.best_of.precision.value == 1.0 and found.best_of.precision.of == 2
    assert found.pass_at[1].value == found.validity.value == pytest.approx(0.25)


def test_a_chosen_answer_that_is_not_proved_anew_lowers_the_precision():
    found = score("m", "q", [asked(0, WRONG, PROVED), asked(1, AGREED, PROVED), asked(2, PROVED, WRONG)])
    assert found.best_of.coverage.value == 1.0 and found.best_of.precision.value == pytest.approx(2 / 3)
    nothing = score("m", "q", [asked(0, WRONG, WRONG)]).best_of.precision
    assert (nothing.value, nothing.low, nothing.high, str(nothing)) == (None, 0.0, 1.0, "none")


def test_optimality_is_the_oracles_word():
    def plan(number: int, cost: int | None, least: int | None, optimal: bool = True) -> Asked:
        made = asked(number, PROVED if cost is not None else WRONG, oracle_cost=least, oracle_optimal=optimal)
        return replace(made, answers=(replace(made.answers[0], cost=cost),))

    found = score("m", "q", [plan(0, 4, 4), plan(1, 6, 4), plan(2, 3, 4), plan(3, None, 4), plan(4, 8, 4, False)])
    assert (found.optimality.share.value, found.optimality.share.of) == (pytest.approx(2 / 3), 3)
    assert found.optimality.cheaper == 1 and "refute it" in str(found)
    assert found.cost_ratio.compared == 4 and found.cost_ratio.mean == pytest.approx((1 + 1.5 + 0.75 + 2) / 4)
    assert score("m", "q", [plan(0, None, 4)]).optimality is None
    assert score("m", "q", [asked(0, PROVED)]).cost_ratio is None


def test_difficulty_falls_into_bins_of_a_domains_own():
    problems = [asked(n, PROVED if n < 30 else WRONG, domain="e" if n % 2 else "d") for n in range(100)]
    problems += [asked(n, PROVED, domain="f", difficulty=7) for n in range(100, 130)]
    problems += [asked(n, PROVED, domain="g", difficulty=None) for n in range(130, 140)]
    found = score("m", "q", problems)
    by_domain = {name: [level for level in found.by_difficulty if level.domain == name] for name in "defg"}
    assert [len(by_domain[name]) for name in "defg"] == [5, 5, 1, 0]
    assert [(level.low, level.high) for level in by_domain["d"]] == [(0, 18), (20, 38), (40, 58), (60, 78), (80, 98)]
    assert [level.validity.value for level in by_domain["d"]] == [1.0, 0.5, 0.0, 0.0, 0.0]
    assert sum(level.validity.of for level in found.by_difficulty) == 130
    assert {name: figure.value for name, figure in found.by_domain.items()} == {"d": 0.3, "e": 0.3, "f": 1.0, "g": 1.0}


def test_confidence_and_perplexity():
    def sure(number: int, verdict: Verdict, logprob: float | None, tokens: int = 10) -> Asked:
        return asked(number, answers=(Answer(verdict, logprob=logprob, tokens=tokens),))

    assert Answer(PROVED, logprob=-1.0, tokens=10).confidence == exp(-0.1)
    assert Answer(PROVED, logprob=0.1, tokens=10).confidence == 1.0, "rounding may lift a sum above 0"
    assert Answer(PROVED, logprob=-1.0).confidence is Answer(PROVED, tokens=3).confidence is None
    found = score("m", "q", [sure(0, PROVED, -1.0), sure(1, WRONG, -5.0, 20), sure(2, WRONG, None)])
    assert found.perplexity == pytest.approx(exp(6 / 30)) and found.tokens == 40
    assert found.calibration.answers == 2
    assert found.calibration.brier == pytest.approx(((1 - exp(-0.1)) ** 2 + exp(-0.25) ** 2) / 2)
    assert found.calibration.risk_coverage[-1] == (1.0, 0.5) and found.calibration.risk_coverage[0] == (0.5, 0.0)
    untold = score("m", "q", [asked(0, PROVED)])
    assert untold.calibration is None and untold.perplexity is None


def test_effort_counts_all_answers():
    made = [asked(0, answers=(Answer(PROVED, seconds=1.0), Answer(WRONG, seconds=3.0))), asked(1, WRONG, WRONG)]
    assert Effort.of(made) == Effort(4, 1, 4.0, 1.0, 4.0)
    assert Effort.of(made[1:]).per_proved is None
    assert "none is proved" in str(score("m", "q", made[1:]))


def test_the_json_is_plain_and_complete():
    found = score("m", "q", [asked(n, PROVED, WRONG) for n in range(3)], left_out=2)
    told = json.loads(found.to_json())
    assert told["format"] == 1 and told["left_out"] == 2 and told["model"] == "m"
    assert told["counts"]["correct"] == {"value": 0.5, "of": 6, **{
        end: told["validity"][end] for end in ("low", "high")}}  # fmt: skip
    assert set(told["pass_at"]) == {"1", "2"} and told["best_of"]["precision"]["value"] == 1.0
    infinite = replace(found, perplexity=float("inf"))
    assert json.loads(infinite.to_json())["perplexity"] is None


def test_no_problem_has_no_figures():
    with pytest.raises(ValueError, match="no problem"):
        score("m", "q", [])


verdicts = st.sampled_from([PROVED, AGREED, WRONG, MALFORMED, LATE])
problem_sets = st.integers(1, 3).flatmap(
    lambda samples: st.lists(
        st.tuples(st.integers(0, 5), st.lists(verdicts, min_size=samples, max_size=samples)), min_size=1, max_size=12
    )
)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(problem_sets)
def test_whatever_the_answers_the_counts_add_up(drawn):
    problems = [asked(n, *each, form=form) for n, (form, each) in enumerate(drawn)]
    found = score("m", "q", problems)
    total = sum(len(each) for _, each in drawn)
    assert sum(figure.count for figure in found.counts.values()) == total == found.validity.of
    assert found.validity.count <= found.counts["correct"].count
    for figure in (*found.counts.values(), found.validity, *found.pass_at.values()):
        assert 0 <= figure.low <= figure.value <= figure.high <= 1
    assert [figure.value for figure in found.pass_at.values()] == sorted(f.value for f in found.pass_at.values())
    assert found.to_json() == score("m", "q", problems).to_json()
    assert [from_line(to_line(one)) for one in problems] == problems
