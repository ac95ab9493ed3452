"""A proof that is right, of something else: replayed against a script that has a model, or of another theory."""

from __future__ import annotations

import pytest
from attack import script, told

APART = "(declare-const x Int)(declare-const y Int)(assert (< x y))(assert (> x y))"
STEPS = {"farkas": [["sum", 0, 1, 1, 1]]}


def test_the_proof_is_right():
    assert told(script(APART, "unsat", STEPS)) == "correct"


@pytest.mark.parametrize(
    "other",
    [
        APART.replace("(> x y)", "(>= (+ x 9) y)"), APART.replace("(> x y)", "(> y x)"),
        APART.replace("(assert (> x y))", ""), "(assert (or (< 0 1) (> 0 1)))",
        APART.replace("(> x y)", "(not (> x y))"),
        APART.replace("(assert (> x y))", "(define-fun f () Bool (> x y))"),
        APART.replace("(assert (> x y))", "; (assert (> x y))\n"),
        APART.replace("(assert (> x y))", '(echo "(assert (> x y))")'),
        APART.replace("(> x y)", "(=> (< y x) (> x y))"),
        APART.replace("(> x y)", "(let ((y (- x 9))) (> x y))"),
    ],
)  # fmt: skip
def test_it_proves_nothing_of_another_script(other):
    assert told(script(other, "unsat", STEPS)) == "no-evidence"


def test_a_second_question_is_not_answered_by_the_first():
    for text in (
        f"{APART}(check-sat)(reset)(declare-const x Int)(check-sat)",
        f"(push 1){APART}(pop 1)(check-sat)",
        f"(assert true)(check-sat){APART}(check-sat)",
        f"{APART}(check-sat-assuming (true))",
    ):
        assert told(script(text, "unsat", STEPS)) == "unsupported"


def test_a_proof_in_clauses_says_nothing_of_arithmetic():
    for proof in ("", "1 0 0\n", "1 0 1 0\n", "3 0 1 2 0\n"):
        assert told(script(APART, "unsat", {"lrat": proof})) == "unsupported"
    bits = "(declare-const v (_ BitVec 2))(assert (= v #b01))"
    assert told(script(bits, "unsat", STEPS)) == "unsupported"
    for proof in ("", "9 0 1 0\n", "99 0 1 2 3 0\n"):
        assert told(script(bits, "unsat", {"lrat": proof})) == "no-evidence"
