"""Z3 as an oracle: the same claim whatever came before, a budget in its own steps, and no way out for a script."""

import json
import os
import random
import subprocess
import sys

import pytest
from neurosym_oracles.smtlib2_checker import Smtlib2Checker
from neurosym_oracles.z3 import Z3

from neurosym.core import Budget, Claim, MalformedProblem, Problem, Reason, Status, Undecided, canonical_json

pytest.importorskip("z3")

oracle = Z3()
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


def random_script(rng):
    lines = [f"(declare-const {name} Int)" for name in "xyz"] + ["(declare-const v (_ BitVec 8))"]
    for _ in range(4):
        row = [rng.choice([-1, 1]) * rng.randint(1, 9) for _ in "xyz"]
        terms = " ".join(
            f"(* {each} {name})".replace("(* -", "(* (- 0) ") for each, name in zip(row, "xyz", strict=True)
        )
        lines.append(f"(assert ({rng.choice(['<=', '>=', '='])} (+ {terms}) {rng.randint(0, 9)}))")
    lines.append(f"(assert (bvult (bvmul v v) (_ bv{rng.randint(1, 255)} 8)))")
    return "\n".join(lines)


def test_a_model_has_every_sort_in_the_checkers_form():
    script = (
        "(declare-const |a b| Int)(declare-fun |let| () Real)(declare-const whole Real)(declare-const p Bool)"
        "(declare-const v (_ BitVec 5))(declare-const w (_ BitVec 8))(declare-const unused Int)"
        "(declare-fun u () (_ BitVec 8))"
        "(assert (= (* 2 |let|) (- 3)))(assert (= whole 4.0))(assert (< |a b| (- 5)))(assert (not p))"
        "(assert (= v #b00101))(assert (= w #x0f))"
    )
    claim = solve(script)
    model = claim.answer["sat"]
    assert {**model, "a b": 0, "unused": 0, "u": ""} == {
        "a b": 0, "let": "-3/2", "whole": 4, "p": False, "v": "#b00101", "w": "#x0f", "unused": 0, "u": "",
    }  # fmt: skip
    assert checker.check(problem(script), claim, BUDGET).proved


def test_unsat_of_linear_arithmetic_and_of_bit_vectors_comes_with_a_proof():
    linear = "(declare-const x Int)(assert (< x 0))(assert (> x 0))"
    for script, form in (
        (linear, "farkas"),
        (linear.replace("Int", "Real"), "farkas"),
        (f"(declare-const p Bool){linear[:37]}(assert (or (and p (not p)) (= (ite p x 1) 2)))", "farkas"),
        ("(assert (< 1 0))", "farkas"),
        ("(declare-const p Bool)(declare-const q Bool)(assert (and p q (xor p q)))", "lrat"),
        ("(declare-const v (_ BitVec 4))(assert (= (bvadd v #x1) v))", "lrat"),
    ):  # fmt: skip
        if form == "lrat":
            pytest.importorskip("pysat")
        claim = solve(script)
        assert claim.answer == "unsat" and list(claim.evidence) == [form]
        assert checker.check(problem(script), claim, BUDGET).proved
    assert checker.check(problem("(declare-const x Int)(assert (< x 0))"), solve(linear), BUDGET).reason is (
        Reason.NO_EVIDENCE
    )


@pytest.mark.parametrize(
    "script",
    [
        "(declare-const x Int)(assert (= (* x x) 2))",
        "(declare-const x Real)(assert (< (* x x) 0.0))",
        "(declare-const x Real)(declare-const v (_ BitVec 2))(assert (and (= v #b01) (= v #b10) (< x 1)))",
    ],
)
def test_any_other_unsat_comes_without_evidence(script):
    claim = solve(script)
    assert claim.answer == "unsat" and claim.evidence is None
    assert checker.check(problem(script), claim, BUDGET).reason is Reason.NO_EVIDENCE


def test_every_model_of_random_scripts_is_proved():
    rng = random.Random(3)
    answers = set()
    for _ in range(60):
        script = random_script(rng)
        claim = solve(script)
        answers.add(checker.conclusion(claim.answer))
        if claim.answer != "unsat":
            assert checker.check(problem(script), claim, BUDGET).proved
    assert answers == {"sat", "unsat"}


def spelled(claim):
    return canonical_json([claim.answer, claim.evidence, claim.metrics])


def test_a_claim_depends_on_its_problem_alone():
    rng = random.Random(4)
    scripts = [random_script(rng) for _ in range(50)]
    first = [spelled(solve(script)) for script in scripts]
    assert [spelled(solve(script)) for script in reversed(scripts)] == first[::-1]
    code = (
        "import sys, json; from neurosym.core import *; from neurosym_oracles.z3 import Z3; oracle = Z3()\n"
        "problems = [Problem('d', 'smtlib2', {'script': each}) for each in json.load(sys.stdin)]\n"
        "claims = [oracle.solve(each, Budget()) for each in problems]\n"
        "print(json.dumps([canonical_json([each.answer, each.evidence, each.metrics]) for each in claims]))"
    )
    for seed in ("1", "2"):
        elsewhere = subprocess.run(
            [sys.executable, "-c", code],
            input=json.dumps(scripts[::-1]),
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=True,
        )
        assert json.loads(elsewhere.stdout) == first[::-1]


HARD = (
    "(declare-const x Int)(declare-const y Int)(declare-const z Int)"
    "(assert (= (+ (* x x x) (* y y y) (* z z z)) 114))"
)  # nobody knows whether this has a solution


def test_the_budget_counts_z3s_own_steps():
    assert undecided(HARD, Budget(steps=100_000)) is Reason.TIMEOUT
    assert undecided(HARD, Budget(steps=1)) is Reason.TIMEOUT
    assert undecided(HARD, Budget(steps=0)) is Reason.TIMEOUT
    assert undecided(HARD, Budget(steps=10**15, seconds=0.2)) is Reason.TIMEOUT
    easy = "(declare-const x Int)(assert (> x 3))"
    assert solve(easy, Budget(steps=10_000)) == solve(easy, Budget(steps=10**15, seconds=float("inf"), memory_mb=10**9))
    assert solve(easy).metrics["rlimit"] > 0


def test_running_out_of_memory_is_undecided_and_harms_nobody():
    hungry = (
        HARD.replace("114", "390") + "(declare-const v (_ BitVec 300))(assert (= (bvmul v v) (bvadd v (_ bv7 300))))"
    )
    assert undecided(hungry, Budget(memory_mb=1)) is Reason.MEMORY
    assert solve("(declare-const x Int)(assert (= x 3))").answer == {"sat": {"x": 3}}


@pytest.mark.parametrize(
    "script",
    [
        "(declare-const x Real)(assert (= (* x x) 2.0))",  # no rational value
        "(declare-fun f (Int) Int)(assert (= (f 1) 1))",
        "(declare-const a (Array Int Int))(assert (= (select a 0) 1))",
        '(declare-const s String)(assert (= s "a"))',
        "(assert true)(push 1)(assert false)(pop 1)",
        "(assert true)(reset)",
        "(declare-const || Int)(assert (= || 3))",
        "(" * 1_000_000,
    ],
)
def test_what_the_checker_could_not_judge_is_undecided(script):
    assert undecided(script) is Reason.UNSUPPORTED


@pytest.mark.parametrize(
    "script",
    [
        "(assert",
        "(assert true))",
        "assert",
        "(assert (foo))",
        "(declare-const x Int)(assert (+ x 1))",
        "(assert é)",
        "()",
        "(()",
    ],
)
def test_a_malformed_script_is_said_to_be(script):
    with pytest.raises((MalformedProblem, Undecided)):
        solve(script)


HOSTILE = [
    '(set-option :regular-output-channel "written")(declare-const x Int)(assert (= x 1))(echo "hi")',
    '(set-option :diagnostic-output-channel "written")(declare-const x Int)(assert (= x 1))(foo)',
    '(set-option :trace_file_name "written")(set-option :trace true)(declare-const x Int)(assert (= x 1))',
    '(declare-const x Int)(assert (= x 1))(include "secret.smt2")',
    '(include "secret.smt2")(assert (= x 1))',
    '(declare-const x Int)(assert (= x 1))(set-info :a |)(set-option :regular-output-channel "written")(echo "hi")|)',
    '(declare-const x Int)(assert (= x 1));\r(set-option :regular-output-channel "written")(echo "hi")',
    '(declare-const |\\| Int)(assert (= x 1))(set-option :regular-output-channel "written")(echo |"hi")',
    '(set-info :a "\\")(set-option :regular-output-channel "written")(echo "hi")(set-info :b ")(assert true)',
    '(|set-option| :regular-output-channel "written")(assert true)(|echo| "hi")',
    '(declare-const |x)(set-option :regular-output-channel "written")(echo "hi")| Int)(assert true)',
    '(assert (! true :named |n)(set-option :regular-output-channel "written")(echo "hi")|))',
]


@pytest.mark.parametrize("script", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_script_writes_and_reads_no_file(script, tmp_path, monkeypatch):
    (tmp_path / "secret.smt2").write_text("(declare-const x Int)(assert (= x 42))")
    monkeypatch.chdir(tmp_path)
    try:
        answer = solve(script).answer
    except (Undecided, MalformedProblem):
        answer = None
    assert "42" not in repr(answer)
    assert os.listdir(tmp_path) == ["secret.smt2"]  # noqa: PTH208


def test_an_option_leaves_no_trace_in_later_problems():
    script = random_script(random.Random(9))
    before = spelled(solve(script))
    solve(
        "(set-option :smt.arith.solver 2)(set-option :rlimit 1)(set-option :timeout 1)"
        "(declare-const x Int)(assert (= x 1))"
    )
    assert spelled(solve(script)) == before


def test_without_z3_the_line_that_installs_it_is_given(monkeypatch):
    monkeypatch.setitem(sys.modules, "z3", None)
    with pytest.raises(Undecided) as missing:
        oracle.version()
    assert missing.value.reason is Reason.TOOL_MISSING and "pip install" in missing.value.detail
    assert undecided("(assert true)") is Reason.TOOL_MISSING


def test_a_wrong_model_would_be_caught():
    assert (
        checker.check(problem("(declare-const x Int)(assert (> x 3))"), Claim({"sat": {"x": 3}}), BUDGET).status
        is Status.WRONG
    )
