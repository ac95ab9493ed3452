"""Farkas: an inequality times a negative number points the other way, so `x <= 1` and `x <= 2` would refute each other.
Times zero, a strict one would leave 0 < 0.
"""

from __future__ import annotations

import pytest
from attack import script, told

BELOW = "(declare-const x {0})(declare-const y {0})(assert (<= x 1))(assert (<= x 2))(assert (< x 9))(assert (= y 3))"


@pytest.mark.parametrize("sort", ["Int", "Real"])
@pytest.mark.parametrize(
    "step",
    [
        ["sum", 0, 1, 1, -1], ["sum", 0, -1, 1, 1], ["sum", 0, -2, 2, 1, 1, 1], ["sum", 2, 0], ["sum", 2, 0, 0, 0],
        ["sum", 2, 1, 2, -1], ["sum", 0, 0, 1, 0, 2, 0], ["sum", 3, 0], ["sum", 3, 1, 3, -1],
    ],
)  # fmt: skip
def test_it_refutes_nothing(sort, step):
    assert told(script(BELOW.format(sort), "unsat", {"farkas": [step]})) == "no-evidence"


def test_an_equation_may_be_turned_around():
    text = "(declare-const x Int)(assert (= x 3))(assert (<= (- x) (- 4)))"
    assert told(script(text, "unsat", {"farkas": [["sum", 0, 1, 1, 1]]})) == "correct"
    assert (
        told(script(text.replace("(<= (- x) (- 4))", "(<= x 2)"), "unsat", {"farkas": [["sum", 0, -1, 1, 1]]}))
        == "correct"
    )


@pytest.mark.parametrize("multiplier", ["-1", "1/2", "1", 0.5, 1.0, True, None, float("nan"), float("inf"), [1]])
def test_what_is_no_whole_number_is_no_multiplier(multiplier):
    assert told(script(BELOW.format("Int"), "unsat", {"farkas": [["sum", 0, multiplier, 1, 1]]})) == "malformed"
