"""Glucose through python-sat: the second opinion, with proofs of its own."""

from __future__ import annotations

import random
import sys

import pytest
from formulas import pigeons, problem, random_3sat, random_clauses, satisfiable, small_formulas
from hypothesis import given, settings
from neurosym_oracles import _pysat
from neurosym_oracles.cadical import Cadical
from neurosym_oracles.cnf_checker import CnfChecker
from neurosym_oracles.glucose import Glucose
from test_cadical import outputs

from neurosym.core import Budget, Claim, MalformedProblem, Problem, Reason, Undecided

pytest.importorskip("pysat")
ORACLE, CHECKER, BUDGET = Glucose(), CnfChecker(), Budget()


def solve(problem: Problem, budget: Budget = BUDGET) -> Claim:
    """The claim, after the checker has proved it."""
    claim = ORACLE.solve(problem, budget)
    verdict = CHECKER.check(problem, claim, BUDGET)
    assert verdict.proved, (problem, claim, verdict)
    return claim


@settings(max_examples=300, deadline=None, derandomize=True)
@given(small_formulas())
def test_every_claim_is_true_and_proved(formula):
    assert (solve(problem(*formula)).answer == "unsat") is not satisfiable(*formula)


def test_it_agrees_with_cadical():
    rng, answers = random.Random(1), []
    for variables in (5, 10, 20, 40):
        for _ in range(100):
            clauses = random_3sat(rng, variables, 45 * variables // 10)
            claims = [solve(problem(variables, clauses)), Cadical().solve(problem(variables, clauses), BUDGET)]
            answers.append({CHECKER.conclusion(claim.answer) for claim in claims})
    assert all(len(each) == 1 for each in answers) and {"sat"} in answers and {"unsat"} in answers
    assert Glucose.family != Cadical.family and not Glucose.default


def test_formulas_that_are_simplified_while_they_are_read():
    rng = random.Random(2)
    for _ in range(2000):
        variables = rng.randint(1, 7)
        solve(problem(variables, random_clauses(rng, variables, rng.randint(1, 5 * variables), (1, 1, 2, 2, 3, 4))))


def test_answers_have_one_form():
    assert solve(problem(5, [(-3,), (5,)])).answer == {"sat": [-1, -2, -3, -4, 5]}
    assert solve(problem(0, [])).answer == {"sat": []}
    assert solve(problem(3, [(1,), ()])).evidence == {"drat": "0\n"}
    claim = solve(problem(2, [(1, 2), (1, -2), (-1, 2), (-1, -2)]))
    assert claim.answer == "unsat" and claim.evidence["drat"].endswith("\n0\n")
    assert set(claim.metrics) >= {ORACLE.effort} and all(type(value) is int for value in claim.metrics.values())


@pytest.mark.parametrize("size", [1, 100, _pysat.SLICE])
def test_slices_keep_the_proof(size, monkeypatch):
    monkeypatch.setattr(_pysat, "SLICE", size)
    rng = random.Random(3)
    solve(problem(*pigeons(5)))
    solve(problem(*pigeons(6)))
    for _ in range(4):
        solve(problem(90, random_3sat(rng, 90, 420)))


def test_a_budget_of_conflicts_is_kept():
    """Up to the restart in which it runs out, and the same each time."""
    hard = problem(*pigeons(10))
    for steps in (-1, 0, 1, 500, _pysat.SLICE + 1):
        with pytest.raises(Undecided) as caught:
            ORACLE.solve(hard, Budget(steps=steps))
        assert caught.value.reason is Reason.TIMEOUT
    with pytest.raises(Undecided, match=r"within 0\.3 seconds"):
        ORACLE.solve(hard, Budget(seconds=0.3))


def test_malformed_and_missing(monkeypatch):
    for payload in ({}, {"dimacs": "p cnf 1 1\n2 0\n"}, {"dimacs": None}):
        with pytest.raises(MalformedProblem):
            ORACLE.solve(Problem("test", "cnf", payload), BUDGET)
    assert ORACLE.version().startswith("Glucose 4.1 (python-sat 1.")
    monkeypatch.setitem(sys.modules, "pysat.solvers", None)
    with pytest.raises(Undecided) as caught:
        Glucose().solve(problem(1, []), BUDGET)
    assert caught.value.reason is Reason.TOOL_MISSING and "pip install 'neurosym-engine[solvers]'" in str(caught.value)


def test_the_same_bytes_whatever_was_solved_before():
    first = outputs("glucose", list(range(10)), "1")
    assert first == outputs("glucose", [*range(9, -1, -1), 3, 3], "2") and len(set(first.values())) == 10
