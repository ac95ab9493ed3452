"""Farkas: 0 <= 0 taken for 0 < 0. A sum is strict only where one of its parts is, over the reals; and over the integers
x < 1 is x <= 0, not x < 0.
"""

from __future__ import annotations

import pytest
from attack import script, told

TOUCHING = "(declare-const x {0})(declare-const y {0})(assert ({1} x y))(assert ({2} y x))"
BOTH = {"farkas": [["sum", 0, 1, 1, 1]]}


@pytest.mark.parametrize("sort", ["Int", "Real"])
@pytest.mark.parametrize(
    ("first", "second"), [("<=", "<="), ("<", "<="), ("<=", "<"), ("<", "<"), ("=", "<"), ("=", "<=")]
)
def test_only_a_strict_part_makes_a_sum_strict(sort, first, second):
    verdict = told(script(TOUCHING.format(sort, first, second), "unsat", BOTH))
    assert verdict == ("correct" if "<" in (first, second) else "no-evidence")


@pytest.mark.parametrize(("sort", "proved"), [("Int", True), ("Real", False)])
def test_between_two_neighbours_there_is_no_integer(sort, proved):
    text = f"(declare-const x {sort})(assert (< 0 x 1))"
    assert (told(script(text, "unsat", BOTH)) == "correct") is proved


def test_the_neighbours_themselves_are_not_lost():
    for text, model in (
        ("(declare-const x Int)(assert (< (- 1) x 1))", 0),
        ("(declare-const x Int)(assert (<= 1 x 1))", 1),
        ("(declare-const x Int)(assert (not (< x 0)))(assert (not (> x 0)))", 0),
        ("(declare-const x Int)(assert (< (* 2 x) 1))(assert (> (* 2 x) (- 1)))", 0),
    ):
        assert told(script(text, "unsat", BOTH)) == "no-evidence"
        assert told(script(text, {"sat": {"x": model}})) == "correct"
