"""A value of one sort read as one of another: True for 1, "1" for 1, 1.0, a bit-vector for its number; and a real taken
for an integer where a refutation rounds or splits.
"""

from __future__ import annotations

import pytest
from attack import script, told

INT = "(declare-const x Int)(assert (= x 1))"
BETWEEN = "(declare-const x {0})(assert (< 0 (* 2 x) 2))"


@pytest.mark.parametrize(
    "value", [True, "1", "1/1", 1.0, "#b1", "#x1", "true", [1], {"x": 1}, None, "1.0", "0x1", "１"]
)
def test_another_sort_is_no_value(value):
    assert told(script(INT, {"sat": {"x": value}})) == "malformed"
    assert told(script(INT.replace("Int", "Real"), {"sat": {"x": value}})) == "malformed"


def test_a_truth_value_is_no_bit_and_no_number():
    bit = "(declare-const x (_ BitVec 1))(assert (= x #b1))"
    assert [told(script(bit, {"sat": {"x": value}})) for value in (True, 1, "1")] == ["malformed"] * 3
    truth = "(declare-const x Bool)(assert x)"
    assert [told(script(truth, {"sat": {"x": value}})) for value in (1, "true", "#b1")] == ["malformed"] * 3


def test_a_real_is_not_rounded():
    assert told(script(BETWEEN.format("Int"), "unsat", {"farkas": [["sum", 0, 1, 1, 1]]})) == "correct"
    assert told(script(BETWEEN.format("Real"), "unsat", {"farkas": [["sum", 0, 1, 1, 1]]})) == "no-evidence"
    assert told(script(BETWEEN.format("Real"), {"sat": {"x": "1/2"}})) == "correct"


def test_a_sum_with_one_real_in_it_is_not_rounded():
    mixed = "(declare-const x Int)(declare-const y Real)(assert (< 0.0 (* 2.0 (+ (to_real x) y)) 2.0))"
    assert told(script(mixed, "unsat", {"farkas": [["sum", 0, 1, 1, 1]]})) == "no-evidence"
    assert told(script(mixed, {"sat": {"x": 0, "y": "1/2"}})) == "correct"


def test_a_real_is_not_split():
    steps = [["split", 0, "x", 1], ["sum", 0, 1, 2, 2], ["sum", 1, 1, 2, 2]]
    assert told(script(BETWEEN.format("Real"), "unsat", {"farkas": steps})) == "no-evidence"
    truth = "(declare-const x Bool)(assert (or x (not x)))"
    assert told(script(truth, "unsat", {"farkas": [["split", 0, "x", 1]]})) == "no-evidence"
