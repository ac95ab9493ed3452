"""Numbers that wrap around in 32 or 64 bits, or lose their last digits as floating point: in a model, in a script, and
in the multipliers of a certificate (de Moura and Bjørner report such bugs of early solvers; all here is exact).
"""

from __future__ import annotations

import pytest
from attack import script, told

SUM = "(declare-const x Int)(declare-const y Int)(assert (> x 0))(assert (> y 0))(assert (< (+ x y) 0))"


@pytest.mark.parametrize("bits", [8, 15, 16, 31, 32, 53, 63, 64, 128])
def test_a_sum_does_not_wrap(bits):
    for value in (1 << bits, (1 << bits) - 1, 1 << (bits - 1)):
        assert told(script(SUM, {"sat": {"x": value, "y": value}})) == "wrong"
        product = f"(declare-const x Int)(assert (= (* x x) 0))(assert (distinct x 0))(assert (= x {value}))"
        assert told(script(product, {"sat": {"x": value}})) == "wrong"


@pytest.mark.parametrize("bits", [31, 32, 52, 53, 54, 63, 64])
def test_neighbours_of_a_large_number_differ(bits):
    text = f"(declare-const x Int)(assert (= x {(1 << bits) + 1}))"
    assert told(script(text, {"sat": {"x": 1 << bits}})) == "wrong"
    assert told(script(text, {"sat": {"x": (1 << bits) + 1}})) == "correct"
    real = text.replace("Int", "Real")
    assert told(script(real, {"sat": {"x": f"{3 * (1 << bits) + 2}/3"}})) == "wrong"


@pytest.mark.parametrize("bits", [31, 32, 53, 63, 64, 1024])
def test_multipliers_do_not_wrap(bits):
    text = "(declare-const x Int)(assert (<= x 5))(assert (<= (- x) 0))"
    for multiplier in (1 << bits, (1 << bits) - 1, -1 << bits, (1 << bits) + 1):
        for steps in ([["sum", 0, multiplier, 1, 1]], [["sum", 0, 1, 1, multiplier]], [["sum", 0, multiplier]]):
            assert told(script(text, "unsat", {"farkas": steps})) == "no-evidence"


def test_numbers_without_end_are_not_computed():
    huge = 1 << 100_000
    text = "(declare-const x Int)(assert (<= x 5))"
    assert told(script(text, {"sat": {"x": huge}})) == "unsupported"
    assert told(script(text, "unsat", {"farkas": [["sum", 0, huge]]})) == "malformed"
    growing = [["sum", 0, 1 << 4000], *[["sum", number, 1 << 4000] for number in range(1, 40)]]
    assert told(script("(declare-const x Real)(assert (<= x 5))", "unsat", {"farkas": growing})) == "no-evidence"
