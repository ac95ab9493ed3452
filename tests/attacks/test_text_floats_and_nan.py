"""Floats, NaN and infinities: NaN compares false with everything and equal to nothing, 1e400 is infinite, 0.1 + 0.2 is
not 0.3 (IEEE 754; Python's json reads NaN and Infinity).
"""

from __future__ import annotations

import pytest
from attack import formal, judged, script

from neurosym.check import verdicts


@pytest.mark.parametrize(
    "number", ["nan", "NaN", "Infinity", "-inf", "1e400", "4.0", "4e0", "0.1", "1E2", ".5", "5.", "-0.0"]
)
def test_no_float_is_a_number_here(number):
    assert judged("linear_integer", f"x = {number}, y = 2") == "malformed"
    assert judged("smtlib2_files", f'sat {{"x":{number}}}') == "malformed"
    assert judged("random_ksat", f"sat -{number} 2 -3 -4 -5") == "malformed"
    line = f'{{"id":1,"kind":"cnf","payload":{{"dimacs":"p cnf 1 1\\n1 0\\n"}},"answer":{{"sat":[{number}]}}}}'
    assert [verdict.status for _, verdict in verdicts([line.encode()])] == ["malformed"]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 4.0, 1e308, True])
def test_values_that_equal_a_right_one(value):
    assert script("(declare-const x Int)(assert (> x 0))", {"sat": {"x": value}}).status == "malformed"
    assert script("(declare-const x Real)(assert (> x 0.0))", {"sat": {"x": value}}).status == "malformed"
    assert formal("cnf", {"dimacs": "p cnf 1 1\n1 0\n"}, {"sat": [value]}).status == "malformed"


def test_reals_are_exact():
    third = "(declare-const x Real)(assert (= (* 3.0 x) 1.0))"
    assert script(third, {"sat": {"x": "1/3"}}).proved
    assert (
        script(third, {"sat": {"x": "6004799503160661/18014398509481984"}}).status == "wrong"
    )  # the float nearest to 1/3
    for spelling in ("0.333", "2/6", "1/-3", "1 / 3", "1/3 ", "١/٣", "nan", "1/0", "+1/3"):
        assert script(third, {"sat": {"x": spelling}}).status == "malformed"
