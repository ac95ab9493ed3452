"""cvc5 as the second opinion on Z3: its models are proved, and the two agree."""

import os
import random
import sys

import pytest
from neurosym_domains.linear_integer import LinearInteger
from neurosym_oracles.cvc5 import Cvc5
from neurosym_oracles.smtlib2_checker import Smtlib2Checker

from neurosym.core import Budget, MalformedProblem, Problem, Reason, Undecided, canonical_json, stream

pytest.importorskip("cvc5")

oracle = Cvc5()
checker = Smtlib2Checker()
BUDGET = Budget()


def problem(script):
    return Problem("test", "smtlib2", {"script": script})


def solve(script, budget=BUDGET):
    return oracle.solve(problem(script), budget)


def undecided(script, budget=BUDGET):
    with pytest.raises(Undecided) as stopped:
        solve(script, budget)
    return stopped.value.reason


def test_a_model_has_every_sort_in_the_checkers_form():
    script = (
        "(declare-const |a b| Int)(declare-fun |let| () Real)(declare-const whole Real)(declare-const p Bool)"
        "(declare-const v (_ BitVec 5))(declare-const w (_ BitVec 8))(declare-const unused Int)"
        "(assert (= (* 2 |let|) (- 3)))(assert (= whole 4.0))(assert (= |a b| (- 5)))(assert (not p))"
        "(assert (= v #b00101))(assert (= w #x0f))(check-sat)(get-model)(exit)"
    )
    claim = solve(script)
    model = claim.answer["sat"]
    assert {**model, "unused": 0} == {
        "a b": -5, "let": "-3/2", "whole": 4, "p": False, "v": "#b00101", "w": "#x0f", "unused": 0,
    }  # fmt: skip
    assert checker.check(problem(script), claim, BUDGET).proved


def random_script(rng):
    lines = [
        "(declare-const v (_ BitVec 6))",
        "(declare-const w (_ BitVec 6))",
        "(declare-const x Int)",
        "(declare-const r Real)",
    ]
    operators = ["bvmul", "bvadd", "bvxor", "bvudiv", "bvsrem", "bvashr"]
    for _ in range(2):
        lines.append(f"(assert (bvslt ({rng.choice(operators)} v w) (_ bv{rng.randrange(64)} 6)))")
    if rng.random() < 0.5:
        lines.append(
            f"(assert (= ({rng.choice(operators)} w (_ bv{rng.randrange(64)} 6)) (_ bv{rng.randrange(64)} 6)))"
        )
    lines.append(f"(assert (< (* {rng.randint(1, 9)} r) (+ (to_real x) {rng.randint(1, 9)}.5)))")
    lines.append(f"(assert (= (mod x {rng.randint(2, 9)}) {rng.randint(0, 3)}))")
    return "\n".join(lines)


def test_z3_and_cvc5_agree_and_their_models_are_proved():
    pytest.importorskip("z3")
    from neurosym_oracles.z3 import Z3

    rng, first = random.Random(2), Z3()
    answers = []
    for _ in range(60):
        question = problem(random_script(rng))
        claims = [solver.solve(question, BUDGET) for solver in (first, oracle)]
        conclusions = {checker.conclusion(claim.answer) for claim in claims}
        assert len(conclusions) == 1
        answers += conclusions
        for claim in claims:
            assert claim.answer == "unsat" or checker.check(question, claim, BUDGET).proved
    assert set(answers) == {"sat", "unsat"}


def test_a_claim_depends_on_its_problem_alone():
    problems = [LinearInteger().sample(stream("cvc5", number)) for number in range(25)]

    def spelled(question):
        claim = oracle.solve(question, BUDGET)
        return canonical_json([claim.answer, claim.evidence, claim.metrics])

    first = [spelled(each) for each in problems]
    assert [spelled(each) for each in reversed(problems)] == first[::-1]


HARD = (
    "(declare-const x Int)(declare-const y Int)(declare-const z Int)"
    "(assert (= (+ (* x x x) (* y y y) (* z z z)) 114))"
)  # nobody knows whether this has a solution


def test_the_budget_counts_cvc5s_own_steps():
    assert undecided(HARD, Budget(steps=10_000)) is Reason.TIMEOUT
    assert undecided(HARD, Budget(steps=0)) is Reason.TIMEOUT
    assert undecided(HARD, Budget(steps=10**30, seconds=0.2)) is Reason.TIMEOUT
    easy = "(declare-const x Int)(assert (> x 3))"
    assert solve(easy, Budget(steps=10_000)) == solve(easy, Budget(seconds=float("inf")))
    assert solve(easy).metrics["resource"] > 0


def test_unsat_of_linear_arithmetic_comes_with_a_proof():
    script = "(declare-const x Int)(declare-const r Real)(assert (< x 0))(assert (or (> x 0) (= (* 2 x) 1)))"
    claim = solve(script)
    assert claim.answer == "unsat" and list(claim.evidence) == ["farkas"]
    assert checker.check(Problem("", "smtlib2", {"script": script}), claim, BUDGET).proved


@pytest.mark.parametrize(
    "script",
    [
        "(declare-fun f (Int) Int)(assert (= (f 1) 1))",
        "(declare-const a (Array Int Int))(assert (= (select a 0) 1))",
        "(set-logic QF_NRA)(declare-const x Real)(assert (= (* x x) 2.0))",
        "(set-logic QF_LIA)(declare-const x Int)(declare-const y Int)(assert (= (* x y) 2))",  # cvc5 keeps to the logic
        "(assert true)(push 1)(assert false)(pop 1)",
        "(assert true)(reset)",
    ],
)
def test_what_it_cannot_say_is_undecided(script):
    assert undecided(script) is Reason.UNSUPPORTED


@pytest.mark.parametrize("script", ["(assert", "(assert true))", "x", "(assert (foo))", "(" * 1_000_000, "(assert 1)"])
def test_a_malformed_script_is_said_to_be(script):
    with pytest.raises(MalformedProblem):
        solve(script)


@pytest.mark.parametrize(
    "script",
    [
        '(set-option :regular-output-channel "written")(declare-const x Int)(assert (= x 1))(echo "hi")',
        '(set-option :diagnostic-output-channel "written")(declare-const x Int)(assert (= x 1))(get-value (y))',
        '(declare-const x Int)(assert (= x 1))(include "secret.smt2")',
    ],
)
def test_a_hostile_script_writes_and_reads_no_file(script, tmp_path, monkeypatch, capfd):
    (tmp_path / "secret.smt2").write_text("(declare-const y Int)(assert (= y 42))")
    monkeypatch.chdir(tmp_path)
    try:
        answer = solve(script).answer
    except (Undecided, MalformedProblem):
        answer = None
    assert "42" not in repr(answer)
    assert os.listdir(tmp_path) == ["secret.smt2"]  # noqa: PTH208
    assert capfd.readouterr() == ("", "")


def test_without_cvc5_the_line_that_installs_it_is_given(monkeypatch):
    monkeypatch.setitem(sys.modules, "cvc5", None)
    with pytest.raises(Undecided) as missing:
        oracle.version()
    assert missing.value.reason is Reason.TOOL_MISSING and "pip install" in missing.value.detail
