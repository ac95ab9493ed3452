"""The judge of kind smtlib2: what it calls correct, wrong, malformed and undecided, and when two problems are one."""

import random
import re
import subprocess
import sys
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from neurosym_oracles.smtlib2_checker import Smtlib2Checker

from neurosym.core import Budget, Claim, MalformedAnswer, MalformedProblem, Problem, Reason, Status, Trust, Undecided

some = settings(max_examples=150, deadline=None, derandomize=True)
checker = Smtlib2Checker()

LINEAR = """\
(set-logic QF_LIA)
(declare-const x Int)
(declare-const y Int)
(assert (<= (+ (* 3 x) (* (- 2) y)) 7))
(assert (= (+ (* 5 x) (* 7 y)) 11))
(check-sat)
(get-model)
"""


def problem(script):
    return Problem("test", "smtlib2", {"script": script})


def check(script, answer, evidence=None):
    return checker.check(problem(script), Claim(answer, evidence), Budget())


def canonical(script):
    return checker.canonical(problem(script))


# ---- verdicts


def test_a_model_is_correct_and_proved():
    verdict = check(LINEAR, {"sat": {"x": -2, "y": 3}})
    assert verdict.status is Status.CORRECT and verdict.trust is Trust.PROVED


def test_another_model_is_as_correct():
    assert check(LINEAR, {"sat": {"x": -9, "y": 8}}).proved


def test_a_wrong_model_names_the_false_assertion():
    verdict = check(LINEAR, {"sat": {"x": 0, "y": 0}})
    assert verdict.status is Status.WRONG and verdict.trust is Trust.PROVED
    assert verdict.detail == "assertion 2 of 2 is false"


@pytest.mark.parametrize(
    "answer",
    [
        None, True, 3, "", "SAT", "sat\n", "unknown", [], ["sat"], {}, {"unsat": {}}, {"sat": None}, {"sat": []},
        {"sat": {"x": -2, "y": 3}, "unsat": True}, {"sat": {}}, {"sat": {"x": -2}}, {"sat": {"x": -2, "y": 3, "z": 0}},
        {"sat": {"x": "-2", "y": 3}}, {"sat": {"x": -2.0, "y": 3}}, {"sat": {"x": True, "y": 3}},
        {"sat": {"x": {"y": 3}, "y": 3}}, {"sat": {"|x|": -2, "y": 3}}, {"sat": {"X": -2, "y": 3}},
    ],
)  # fmt: skip
def test_malformed_answers(answer):
    assert check(LINEAR, answer).status is Status.MALFORMED


def test_a_bare_word_is_no_evidence():
    for answer in ("sat", "unsat"):
        assert check(LINEAR, answer).reason is Reason.NO_EVIDENCE
    assert check("(assert false)", "unsat").reason is Reason.NO_EVIDENCE


def test_a_status_annotation_is_not_believed():
    for status in ("sat", "unsat", "unknown"):
        script = f"(set-info :status {status}){LINEAR.replace('(set-logic QF_LIA)', '')}"
        assert check(script, {"sat": {"x": -2, "y": 3}}).proved
        assert check(script, {"sat": {"x": 0, "y": 0}}).status is Status.WRONG
        assert check(script, "unsat").reason is Reason.NO_EVIDENCE
        assert check(script, "unsat", {"farkas": []}).reason is Reason.NO_EVIDENCE


APART = "(declare-const x Int)(assert (< x 0))(assert (> x 0))"
BITS = "(declare-const v (_ BitVec 2))(assert (= v #b01))(assert (= v #b10))"


def test_unsat_is_proved_by_a_farkas_certificate():
    verdict = check(APART, "unsat", {"farkas": [["sum", 0, 1, 1, 1]]})
    assert verdict.status is Status.CORRECT and verdict.trust is Trust.PROVED
    assert check("(assert false)", "unsat", {"farkas": []}).proved


def test_unsat_is_proved_by_clauses_and_an_lrat_proof():
    pytest.importorskip("pysat")
    from neurosym_oracles._bitblast_proof import lrat_of

    proof = lrat_of(problem(BITS), Budget())
    assert check(BITS, "unsat", {"lrat": proof}).proved
    assert check(BITS, "unsat", {"lrat": ""}).reason is Reason.NO_EVIDENCE
    assert check(BITS.replace("#b10", "#b01"), "unsat", {"lrat": proof}).status is not Status.CORRECT
    assert check(APART, "unsat", {"lrat": proof}).reason is Reason.UNSUPPORTED


@pytest.mark.parametrize("script", [APART, BITS])
@pytest.mark.parametrize(
    "evidence",
    [
        {}, [], "", "farkas", 3, True, {"farkas": None}, {"farkas": {}}, {"farkas": "sum"}, {"farkas": [[]]},
        {"farkas": [["sum", 0, "1", 1, 1]]}, {"farkas": [], "lrat": ""}, {"lrat": None}, {"lrat": []}, {"lrat": 1},
        {"alethe": "(step t1 (cl) :rule hole)"}, {"drat": "0\n"}, {"FARKAS": []}, [["sum", 0, 1, 1, 1]],
    ],
)  # fmt: skip
def test_what_is_no_evidence_by_its_form_is_malformed(script, evidence):
    assert check(script, "unsat", evidence).status is Status.MALFORMED


def test_a_proof_with_a_gap_is_no_evidence():
    for steps in ([], [["sum", 0, 1]], [["sum", 0, 1, 1, 2]], [["sum", 0, 1, 1, 1], ["cases", 0]], [["cases", 0]]):
        verdict = check(APART, "unsat", {"farkas": steps})
        assert verdict.reason is Reason.NO_EVIDENCE and verdict.status is Status.UNDECIDED
    for steps in ([], [["sum", 0, 1]]):
        assert check("(declare-const x Int)(assert (= (* x x) 2))", "unsat", {"farkas": steps}).reason is (
            Reason.UNSUPPORTED
        )


def test_a_replay_ends_with_its_budget():
    longer = [["sum", 0, 1]] * 5000 + [["sum", 0, 1, 1, 1]]
    claim = Claim("unsat", {"farkas": longer})
    assert checker.check(problem(APART), claim, Budget()).proved
    for budget in (Budget(steps=1), Budget(steps=0), Budget(seconds=-1.0)):
        assert checker.check(problem(APART), claim, budget).reason is Reason.TIMEOUT


def test_evidence_beside_a_model_adds_nothing():
    for evidence in ({"farkas": []}, {"lrat": ""}, "junk", 3):
        assert check(LINEAR, {"sat": {"x": -2, "y": 3}}, evidence).proved
        assert check(LINEAR, {"sat": {"x": 0, "y": 0}}, evidence).status is Status.WRONG
        assert check(LINEAR, "sat", evidence).reason is Reason.NO_EVIDENCE


def test_a_division_by_zero_is_undecided():
    script = "(declare-const x Int)(assert (= x (div 1 x)))"
    assert check(script, {"sat": {"x": 1}}).proved
    assert check(script, {"sat": {"x": 0}}).reason is Reason.UNSUPPORTED


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"script": None},
        {"script": 3},
        {"script": LINEAR, "more": 1},
        {"text": LINEAR},
        {"script": "(assert"},
        [],
        None,
        "x",
    ],
)
def test_a_bad_payload_is_malformed(payload):
    bad = Problem("test", "smtlib2", payload)
    assert checker.check(bad, Claim({"sat": {}}), Budget()).status is Status.MALFORMED
    with pytest.raises(MalformedProblem):
        checker.canonical(bad)


def test_an_unsupported_script_is_undecided_whatever_is_answered():
    script = "(declare-fun f (Int) Int)(assert (= (f 1) 1))"
    for answer in ({"sat": {"f": 1}}, {"sat": {}}, "unsat"):
        assert check(script, answer).reason is Reason.UNSUPPORTED
    with pytest.raises(Undecided) as undecided:
        canonical(script)
    assert undecided.value.reason is Reason.UNSUPPORTED


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["sat", "#b1", "1/2"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["sat", "x", "y", "b", "r", "v", ""]), inner)
    ),
    max_leaves=8,
)


@some
@given(json_values, st.dictionaries(st.sampled_from(["x", "b", "r", "v"]), json_values, max_size=4))
def test_no_answer_raises(answer, model):
    script = "(declare-const x Int)(declare-const b Bool)(declare-const r Real)(declare-const v (_ BitVec 1))(assert b)"
    assert check(script, answer).status is not Status.CORRECT or answer["sat"]["b"] is True
    assert check(script, {"sat": model}).status is not Status.CORRECT or model["b"] is True


def test_conclusions():
    assert checker.conclusion({"sat": {"x": 1}}) == checker.conclusion("sat") == "sat"
    assert checker.conclusion("unsat") == "unsat"
    for answer in (None, "maybe", {"sat": 1}, {"unsat": {}}, ["sat"]):
        with pytest.raises(MalformedAnswer):
            checker.conclusion(answer)


def test_no_solver_is_needed():
    code = (
        "import sys; sys.modules['z3'] = sys.modules['cvc5'] = None\n"
        "from neurosym.core import *; from neurosym_oracles.smtlib2_checker import Smtlib2Checker\n"
        f"verdict = Smtlib2Checker().check(Problem('d', 'smtlib2', {{'script': {LINEAR!r}}}), "
        "Claim({'sat': {'x': -2, 'y': 3}}), Budget()); print(verdict.status)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "correct\n"


# ---- lies and right answers, judged by Python itself

HOLDS = {
    "=": lambda x, y: x == y,
    "<": lambda x, y: x < y,
    "<=": lambda x, y: x <= y,
    ">": lambda x, y: x > y,
    ">=": lambda x, y: x >= y,
    "distinct": lambda x, y: x != y,
}


def random_system(rng):
    """Rows (coefficients, relation, right) over x, y, z and their script, mixed from terms that mean the same."""
    rows = [
        ([rng.randint(-3, 3) for _ in "xyz"], rng.choice(list(HOLDS)), rng.randint(-4, 4))
        for _ in range(rng.randint(1, 3))
    ]
    lines = [f"(declare-fun {name} () Int)" for name in "xyz"]
    for row, relation, right in rows:
        terms = [
            f"(* {factor} {name})" if factor >= 0 else f"(- (* {name} {-factor}))"
            for factor, name in zip(row, "xyz", strict=True)
        ]
        left = rng.choice(["(+ {} {} {})", "(+ (+ {} {}) {})", "(let ((s (+ {} {}))) (+ s {}))"]).format(*terms)
        number = str(right) if right >= 0 else f"(- {-right})"
        lines.append(f"(assert ({relation} {left} {number}))")
    return rows, "\n".join(lines)


def test_every_small_model_of_random_systems_is_judged_as_python_judges_it():
    rng = random.Random(1)
    seen = {Status.CORRECT: 0, Status.WRONG: 0}
    for _ in range(60):
        rows, script = random_system(rng)
        for values in rng.sample(list(product(range(-3, 4), repeat=3)), 60):
            truth = all(
                HOLDS[relation](sum(factor * value for factor, value in zip(row, values, strict=True)), right)
                for row, relation, right in rows
            )
            status = check(script, {"sat": dict(zip("xyz", values, strict=True))}).status
            assert status is (Status.CORRECT if truth else Status.WRONG)
            seen[status] += 1
    assert min(seen.values()) > 300


def test_every_model_of_a_bit_vector_puzzle_is_found_and_no_other():
    script = (
        "(declare-const a (_ BitVec 4))(declare-const b (_ BitVec 4))"
        "(assert (= (bvmul a b) #x6))(assert (bvslt a b))(assert (not (= ((_ extract 0 0) a) #b1)))"
    )
    for a, b in product(range(16), repeat=2):
        signed = [each - 16 if each > 7 else each for each in (a, b)]
        truth = a * b % 16 == 6 and signed[0] < signed[1] and a % 2 == 0
        assert check(script, {"sat": {"a": f"#x{a:x}", "b": f"#b{b:04b}"}}).proved is truth


# ---- canonical form

GOLD = """\
(set-logic QF_LIRA)
(declare-const a Int)
(declare-const b Int)
(declare-const r Real)
(declare-const p Bool)
(assert (< (+ a (* 2 b)) 9))
(assert (=> p (= (- a b) 3)))
(assert (and (distinct a b) (>= r (/ 1.0 3.0)) p))
(check-sat)
"""

SAME = {
    "renamed": re.sub(r"\ba\b", "zz", re.sub(r"\bb\b", "|b c|", GOLD)),
    "declared in another order": GOLD.replace("(declare-const a Int)\n", "").replace(
        "(declare-const r Real)\n", "(declare-fun r () Real)\n(declare-fun a () Int)\n"
    ),
    "assertions reordered": "\n".join(sorted(GOLD.splitlines()[1:-1], key=lambda line: ("assert" in line, line[::-1]))),
    "arguments of and, distinct, +, * and = reordered": GOLD.replace("(+ a (* 2 b))", "(+ (* b 2) a)")
    .replace("(= (- a b) 3)", "(= 3 (- a b))")
    .replace("(and (distinct a b) (>= r (/ 1.0 3.0)) p)", "(and p (distinct b a) (>= r (/ 1.0 3.0)))"),
    "let": GOLD.replace("(< (+ a (* 2 b)) 9)", "(let ((s (* 2 b)) (nine 9)) (< (+ a s) nine))"),
    "define-fun": GOLD.replace(
        "(assert (< (+ a (* 2 b)) 9))", "(define-fun f ((x Int) (y Int)) Int (+ y (* 2 x)))(assert (< (f b a) 9))"
    ),
    "named": GOLD.replace("(assert (< (+ a (* 2 b)) 9))", "(assert (! (< (+ a (* 2 b)) 9) :named n))"),
    "asserted twice": GOLD.replace("(assert (< (+ a (* 2 b)) 9))", "(assert (< (+ a (* 2 b)) 9))" * 2),
    "comments, information, options": "; false\n(set-info :status unsat)(set-option :x 7)" + GOLD.replace(" ", " ;\n "),
    "an unused definition": GOLD.replace("(check-sat)", "(define-fun unused ((x Int)) Int (+ x 77))"),
}  # fmt: skip

OTHER = {
    "another relation": GOLD.replace("(< (+", "(<= (+"),
    "another number": GOLD.replace("9", "8"),
    "another coefficient": GOLD.replace("(* 2 b)", "(* 3 b)"),
    "swapped where order matters": GOLD.replace("(- a b)", "(- b a)"),
    "implication turned": GOLD.replace("(=> p (= (- a b) 3))", "(=> (= (- a b) 3) p)"),
    "one assertion fewer": GOLD.replace("(assert (< (+ a (* 2 b)) 9))\n", ""),
    "one constant more": GOLD.replace("(check-sat)", "(declare-const q Bool)"),
    "another sort": GOLD.replace("(declare-const r Real)", "(declare-const r Int)").replace("(/ 1.0 3.0)", "3"),
    "one constant for two": GOLD.replace("(- a b)", "(- a a)"),
    "not asserted": GOLD.replace("(assert (< (+ a (* 2 b)) 9))", "(assert (or p (< (+ a (* 2 b)) 9)))"),
    "nested instead of flat": GOLD.replace("(>= r (/ 1.0 3.0)) p)", "(and (>= r (/ 1.0 3.0)) p))"),
    "divided the other way": GOLD.replace("(/ 1.0 3.0)", "(/ 3.0 1.0)"),
}  # fmt: skip


@pytest.mark.parametrize("name", SAME)
def test_isomorphic_problems_have_one_form(name):
    assert canonical(SAME[name]) == canonical(GOLD)


@pytest.mark.parametrize("name", OTHER)
def test_other_problems_have_other_forms(name):
    assert canonical(OTHER[name]) != canonical(GOLD)


def test_forms_of_like_parts_differ():
    scripts = [
        "(assert (= (+ 1 2) 3))", "(assert (= (+ 1 1 2) 3))", "(assert (= (- 1 2) 3))", "(assert (= (- 2 1) 3))",
        "(assert (= 1 2))", "(assert (= 1.0 2.0))", "(assert (= #b1 #b0))", "(assert (= #b01 #b10))", "(assert true)",
        "(assert (= ((_ extract 1 0) #b1101) #b01))", "(assert (= ((_ extract 2 1) #b1101) #b01))", "(check-sat)",
        "(declare-const x Int)(assert (= (+ x x) 2))", "(declare-const x Int)(assert (= (+ x x x) 2))",
        "(declare-const x Int)(assert (= (- x 1) 2))", "(declare-const x Int)(assert (= (- 1 x) 2))",
        "(declare-const x Int)(assert (= (- x x x) 2))", "(declare-const x Int)(assert (= (- x x) 2))",
        "(declare-const x Int)(declare-const y Int)(assert (= (+ x y) 2))",
        "(declare-const x Int)(declare-const y Int)(assert (= (- x y) 2))",
    ]  # fmt: skip
    assert len(set(map(canonical, scripts))) == len(scripts)


def test_long_and_deep_scripts_have_forms_too():
    sums = "(let ((x (+ x x))) " * 300 + "x" + ")" * 300
    first = f"(declare-const x Int)(assert (= {sums} 0))"
    assert canonical(first) == canonical(first.replace("x", "y"))
    closed = "(+ 1 " * 300 + "1" + ")" * 300
    assert canonical(f"(assert (= {closed} 0))") != canonical(f"(assert (= {closed} 1))")
    assert canonical(f"(assert (= #x{'1' * 1000} #x{'2' * 1000}))") != canonical(
        f"(assert (= #x{'1' * 1000} #x{'3' * 1000}))"
    )


@some
@given(st.integers(0, 10**6))
def test_shuffled_copies_have_one_form(seed):
    rng = random.Random(seed)
    rows, _ = random_system(rng)

    def script(names, order, shuffle):
        lines = [f"(declare-const {name} Int)" for name in (sorted(names) if shuffle else names)]
        for row, relation, right in [rows[at] for at in order]:
            terms = [f"(* {factor} {name})" for factor, name in zip([abs(each) for each in row], names, strict=True)]
            if shuffle:
                rng.shuffle(terms)
            lines.append(f"(assert ({relation} (+ {' '.join(terms)}) {abs(right)}))")
        return "\n".join(lines)

    order = list(range(len(rows)))
    first = canonical(script(["x", "y", "z"], order, False))
    rng.shuffle(order)
    assert canonical(script(rng.sample(["u", "k", "m"], 3), order, True)) == first


def test_terms_that_differ_in_order_alone_are_one_term():
    declared = "(declare-const p Bool)(declare-const q Bool)"
    once = f"{declared}(assert (or p (and p q) (and p q)))(assert (and p q))(assert (= 1 2))(assert (not (= 1 2)))"
    turned = once.replace("(and p q))(assert (and p q))", "(and q p))(assert (and q p))").replace(
        "not (= 1 2)", "not (= 2 1)"
    )
    assert turned != once and canonical(turned) == canonical(once)
