"""CaDiCaL through python-sat: answers, proofs, budgets, and the same bytes always."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from formulas import models, pigeons, problem, random_3sat, random_clauses, satisfiable, small_formulas
from hypothesis import given, settings
from neurosym_oracles import _pysat
from neurosym_oracles.cadical import Cadical
from neurosym_oracles.cnf_checker import CnfChecker

from neurosym.core import Budget, Claim, MalformedProblem, Problem, Reason, Undecided, canonical_json

pytest.importorskip("pysat")
ORACLE, CHECKER, BUDGET = Cadical(), CnfChecker(), Budget()


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


def test_formulas_that_are_simplified_while_they_are_read():
    """Units, repeated and complementary literals: CaDiCaL's numbers of clauses are then not those of LRAT."""
    rng, unsat = random.Random(1), 0
    for _ in range(3000):
        variables = rng.randint(1, 7)
        clauses = random_clauses(rng, variables, rng.randint(1, 5 * variables), (1, 1, 2, 2, 3, 4))
        unsat += solve(problem(variables, clauses)).answer == "unsat"
    assert 1000 < unsat < 2500


def test_answers_have_one_form():
    assert solve(problem(5, [(-3,), (5,)])).answer == {"sat": [-1, -2, -3, -4, 5]}
    assert solve(problem(0, [])).answer == {"sat": []}
    assert solve(problem(3, [(1,), ()])).evidence == {"lrat": "3 0 2 0\n"}
    assert len(solve(problem(100_000, [(99_999,)])).answer["sat"]) == 100_000
    claim = solve(problem(2, [(1, 2), (1, -2), (-1, 2), (-1, -2)]))
    assert claim.answer == "unsat" and list(claim.evidence) == ["lrat"]
    assert set(claim.metrics) >= {ORACLE.effort} and all(type(value) is int for value in claim.metrics.values())


def test_proofs_are_small():
    rng, sizes = random.Random(2), []
    for _ in range(60):
        claim = solve(problem(20, random_3sat(rng, 20, 110)))
        if claim.evidence:
            lines = claim.evidence["lrat"].splitlines()
            sizes.append(len(claim.evidence["lrat"]))
            assert not any(" d " in line for line in lines)
            assert [int(line.split()[0]) for line in lines] == list(range(111, 111 + len(lines)))
            used = {int(word) for line in lines for word in line.split()[1:] if int(word) > 110}
            assert used == set(range(111, 110 + len(lines)))  # every lemma but the last
    assert len(sizes) > 30 and sum(sizes) / len(sizes) < 800


@pytest.mark.parametrize("size", [1, 7, 100, _pysat.SLICE])
def test_slices_keep_the_proof(size, monkeypatch):
    monkeypatch.setattr(_pysat, "SLICE", size)
    rng = random.Random(3)
    assert solve(problem(*pigeons(5))).metrics["conflicts"] > 100
    for _ in range(4):
        solve(problem(90, random_3sat(rng, 90, 420)))


def test_a_budget_of_conflicts_is_kept():
    hard = problem(*pigeons(9))
    for steps in (-1, 0, 1, 500, _pysat.SLICE + 1):
        with pytest.raises(Undecided) as caught:
            ORACLE.solve(hard, Budget(steps=steps))
        assert caught.value.reason is Reason.TIMEOUT
        assert f"within {max(1, steps)} conflicts" in caught.value.detail
    spent = solve(problem(*pigeons(5))).metrics["conflicts"]
    assert solve(problem(*pigeons(5)), Budget(steps=spent + 1)).metrics["conflicts"] == spent
    with pytest.raises(Undecided):
        ORACLE.solve(problem(*pigeons(5)), Budget(steps=spent // 2))


def test_the_clock_is_a_guard():
    for seconds in (0, 0.3):
        with pytest.raises(Undecided, match=f"timeout: not solved within {seconds} seconds"):
            ORACLE.solve(problem(*pigeons(11)), Budget(seconds=seconds))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "p cnf 1 1\nx 0\n",
        "p cnf 1 1\n1\n",
        "p cnf 1 1\n2 0\n",
        "p cnf 1 1\n-4000000000 0\n",
        None,
        7,
        ["p cnf 1 0"],
    ],
)
def test_malformed_problems(text):
    with pytest.raises(MalformedProblem):
        ORACLE.solve(Problem("test", "cnf", {"dimacs": text}), BUDGET)
    with pytest.raises(MalformedProblem):
        ORACLE.solve(Problem("test", "cnf", {}), BUDGET)


def test_what_is_too_large_is_unsupported():
    with pytest.raises(Undecided) as caught:
        ORACLE.solve(Problem("test", "cnf", {"dimacs": "p cnf 1000000000000 0\n"}), BUDGET)
    assert caught.value.reason is Reason.UNSUPPORTED


def test_other_layouts_are_read_as_the_checker_reads_them():
    texts = ["c x\np  cnf 2 4 \r\nc 7 0\n1 2 0 1\n-2 0\n-1 2 0\nc\n-1 -2 0\n%\n0\n", "\np cnf 2 1\n-1\n\n-2\n0"]
    claims = [solve(Problem("test", "cnf", {"dimacs": text})) for text in texts]
    assert [claim.answer == "unsat" for claim in claims] == [True, False]


def test_a_missing_package_is_said(monkeypatch):
    monkeypatch.setitem(sys.modules, "pysat.solvers", None)
    with pytest.raises(Undecided) as caught:
        Cadical().solve(problem(1, []), BUDGET)
    assert caught.value.reason is Reason.TOOL_MISSING and "pip install 'neurosym-engine[solvers]'" in str(caught.value)


def test_the_version():
    assert ORACLE.version().startswith("CaDiCaL 1.9.5 (python-sat 1.")
    assert (ORACLE.name, ORACLE.kind, ORACLE.default) == ("cadical", "cnf", True)


PROGRAM = """
import random, sys
sys.path.insert(0, sys.argv[2])
from formulas import problem, random_3sat
from neurosym.core import Budget, canonical_json
from neurosym_oracles.{name} import {title}
oracle = {title}()
for place in map(int, sys.argv[1].split(",")):
    claim = oracle.solve(problem(50, random_3sat(random.Random(place), 50, 215)), Budget())
    print(place, canonical_json([claim.answer, claim.evidence, dict(claim.metrics)]))
"""


def outputs(name: str, order: list[int], seed: str) -> dict[str, str]:
    """What an oracle says of numbered problems, solved in this order in a process of their own."""
    program = PROGRAM.format(name=name, title=name.title())
    done = subprocess.run(
        [sys.executable, "-c", program, ",".join(map(str, order)), str(Path(__file__).parent)],
        env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return dict(line.split(" ", 1) for line in done.stdout.splitlines())


def test_the_same_bytes_whatever_was_solved_before():
    first = outputs("cadical", list(range(12)), "1")
    again = outputs("cadical", [*range(11, -1, -1), 5, 5], "2")
    assert first == again and len(set(first.values())) == 12
    here = ORACLE.solve(problem(50, random_3sat(random.Random(5), 50, 215)), BUDGET)
    assert canonical_json([here.answer, here.evidence, dict(here.metrics)]) == first["5"]


OPEN = Path("/proc/self/fd")


@pytest.mark.skipif(not OPEN.is_dir(), reason="needs /proc")
def test_no_file_is_left_open():
    solve(problem(1, []))
    before = len(list(OPEN.iterdir()))
    for _ in range(200):
        solve(problem(2, [(1,), (-1, 2)]))
        with pytest.raises(Undecided):
            ORACLE.solve(problem(*pigeons(5)), Budget(steps=1))
    assert len(list(OPEN.iterdir())) <= before


@pytest.mark.slow
def test_larger_formulas():
    rng = random.Random(4)
    for variables in (60, 100, 140, 180):
        for _ in range(3):
            solve(problem(variables, random_3sat(rng, variables, 430 * variables // 100)))
    solve(problem(*pigeons(7)))


def test_all_models_of_a_formula_are_right_answers():
    clauses = [(1, 2, 3), (-1, -2), (2, -3, 4)]
    assert all(CHECKER.check(problem(4, clauses), Claim({"sat": model}), BUDGET).proved for model in models(4, clauses))
