"""A definition, a `let` or a name that hides another: of a constant, a parameter, a symbol of a theory (SMT-LIB 2.6,
sections 3.6 and 4.2.3). What a name means is decided where it is read, and nothing of the theories can be named anew.
"""

from __future__ import annotations

import pytest
from attack import script, told

TWO = "(declare-const x Int)(declare-const y Int)"


@pytest.mark.parametrize("name", ["=", "and", "not", "true", "<=", "+", "ite", "distinct", "mod"])
def test_a_symbol_of_the_theories_is_not_redefined(name):
    for command in (f"(define-fun {name} ((a Int) (b Int)) Bool true)", f"(declare-const {name} Int)"):
        text = f"{command}{TWO}(assert (= x y))(assert (distinct x y))"
        assert told(script(text, {"sat": {"x": 0, "y": 1}})) in ("malformed", "unsupported")
        assert told(script(text, "unsat", {"farkas": []})) in ("malformed", "unsupported")


def test_a_constant_is_not_hidden_by_a_definition():
    for command in (
        "(define-fun x () Int 3)",
        "(declare-const x Int)",
        "(define-const x Int 3)",
        "(declare-const |x| Real)",
    ):
        assert told(script(f"{TWO}{command}(assert (= x 3))", {"sat": {"x": 3, "y": 0}})) == "malformed"
        assert told(script(f"{TWO}{command}(assert (= x 3))", "unsat", {"farkas": []})) == "malformed"


def test_a_parameter_hides_the_constant_in_the_body_alone():
    text = f"{TWO}(define-fun f ((x Int)) Bool (< x y))(assert (f 1))(assert (< y x))"
    assert told(script(text, {"sat": {"x": 3, "y": 2}})) == "correct"
    assert told(script(text, {"sat": {"x": 1, "y": 2}})) == "wrong"
    assert told(script(text, "unsat", {"farkas": [["sum", 0, 1, 1, 1]]})) == "no-evidence"


def test_an_argument_is_not_captured_by_a_parameter():
    text = f"{TWO}(define-fun f ((y Int)) Int (+ x y))(assert (= (f (* 2 y)) 5))(assert (= x 1))"
    assert told(script(text, {"sat": {"x": 1, "y": 2}})) == "correct"
    assert told(script(text, {"sat": {"x": 1, "y": 4}})) == "wrong"


def test_let_binds_at_once_and_in_its_body_alone():
    text = f"{TWO}(assert (let ((x y) (y x)) (< x y)))(assert (< x 0))(assert (> y (- 5)))"
    assert told(script(text, {"sat": {"x": -9, "y": -4}})) == "wrong"
    assert told(script(text, {"sat": {"x": -3, "y": -4}})) == "correct"
    assert told(script(text, "unsat", {"farkas": [["sum", 0, 1]]})) == "no-evidence"


def test_quoted_and_plain_are_one_name_and_others_are_not():
    assert told(script("(declare-const |x| Int)(assert (= x 3))", {"sat": {"x": 3}})) == "correct"
    assert told(script("(declare-const |x| Int)(assert (= x 3))", {"sat": {"|x|": 3}})) == "malformed"
    apart = "(declare-const x Int)(declare-const |x | Int)(assert (< x 0))(assert (> |x | 0))"
    assert told(script(apart, "unsat", {"farkas": [["sum", 0, 1, 1, 1]]})) == "no-evidence"
    assert told(script(apart, {"sat": {"x": -1, "x ": 1}})) == "correct"
