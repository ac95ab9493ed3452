"""Division by zero has any value in SMT-LIB (theory Ints, note on division): what a model or a proof makes of it is
left undecided, and so is a remainder of it.
"""

from __future__ import annotations

import pytest
from attack import script, told


@pytest.mark.parametrize(
    "term", ["(= (div x 0) 1)", "(= (mod x 0) 1)", "(= (div 1 x) 7)", "(distinct (div x 0) (div x 0))"]
)
def test_it_decides_nothing(term):
    text = f"(declare-const x Int)(assert (= x 0))(assert {term})"
    assert told(script(text, {"sat": {"x": 0}})) == "unsupported"
    assert told(script(text, "unsat", {"farkas": [["cases", 1]]})) == "unsupported"


def test_a_real_quotient_neither():
    text = "(declare-const x Real)(assert (= (/ 1.0 0.0) x))(assert (distinct (/ 1.0 0.0) x))"
    assert told(script(text, {"sat": {"x": 0}})) == "unsupported"
    assert told(script(text, "unsat", {"farkas": [["cases", 1]]})) == "unsupported"


def spelled(value):
    return str(value) if value >= 0 else f"(- {-value})"


@pytest.mark.parametrize(("x", "d", "q", "r"), [(7, 2, 3, 1), (-7, 2, -4, 1), (7, -2, -3, 1), (-7, -2, 4, 1)])
def test_div_and_mod_round_as_the_standard_says_not_as_c_does(x, d, q, r):
    for function, right in (("div", q), ("mod", r)):
        for result in range(-5, 6):
            text = f"(assert (= ({function} {spelled(x)} {spelled(d)}) {spelled(result)}))"
            assert told(script(text, {"sat": {}})) == ("correct" if result == right else "wrong")
            assert told(script(text, "unsat", {"farkas": []})) == "no-evidence"
