"""A tree of cases that does not cover all: a branch left out, closed by another's facts, or split where integers or
terms fall through. The steps do not say what the two sides of a split are, so there is nothing to forge in them.
"""

from __future__ import annotations

import pytest
from attack import script, told

EITHER = "(declare-const x Int)(assert (or (< x 0) (> x 9)))(assert (<= 0 x {0}))"
STEPS = [["cases", 0], ["sum", 1, 1, 3, 1], ["sum", 2, 1, 4, 1]]
SPLIT = [["split", 4, "x", 1], ["cases", 0], ["sum", 1, 1, 4, 1], ["sum", 3, 1, 5, 1]]


def verdict(bound, steps):
    return told(script(EITHER.format(bound), "unsat", {"farkas": steps}))


def test_every_case_is_needed():
    assert verdict(9, STEPS) == "correct"
    assert verdict(10, STEPS) == "no-evidence"
    for left in range(3):
        assert verdict(9, STEPS[:left] + STEPS[left + 1 :]) == "no-evidence"
    assert verdict(9, [STEPS[0], STEPS[2], STEPS[1]]) == "no-evidence"
    assert verdict(9, [*STEPS, ["sum", 1, 1]]) == "no-evidence"


@pytest.mark.parametrize("number", [1, 2, 3, 10**6])
def test_a_constraint_has_no_cases(number):
    assert verdict(10, [["cases", number]]) == "no-evidence"


def test_what_one_case_assumes_is_not_known_in_another():
    assert verdict(10, [["cases", 0], ["sum", 1, 1, 3, 1], ["sum", 1, 1, 3, 1]]) == "no-evidence"
    assert verdict(10, [["cases", 0], ["sum", 1, 1, 3, 1], ["cases", 0], ["sum", 1, 1, 3, 1]]) == "no-evidence"


@pytest.mark.parametrize(
    ("name", "factor", "bound"), [("x", 2, 3), ("x", -1, -10), ("x", 0, 0), ("x", 1, 9), ("x", 1, -1)]
)
def test_no_split_refutes_what_has_a_model(name, factor, bound):
    for steps in ([["split", bound, name, factor]], [["split", bound, name, factor], *STEPS, *STEPS]):
        assert verdict(10, steps) == "no-evidence"


@pytest.mark.parametrize("step",
    [
        ["split", "0", "x", 1], ["split", 0.5, "x", 1], ["split", 0, "x", 0.5], ["split", 0, 1, 3, "x"],
        ["split", 0, "x", 1, 5, "x", 1], ["split", True, "x", 1],
    ],
)  # fmt: skip
def test_a_split_has_one_whole_bound(step):
    assert verdict(10, [step]) == "malformed"
