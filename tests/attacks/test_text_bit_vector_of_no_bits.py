"""A bit-vector of no bits, `(_ bv0 0)`: SMT-LIB 2.6 demands a width above 0. Such terms were read here once: all their
values are equal, and comparing two with bvslt crashed the checker with a negative shift count (found by this suite).
"""

from __future__ import annotations

import pytest
from attack import script

NOTHING = "(_ bv0 0)"


@pytest.mark.parametrize(
    "term",
    [
        f"(= {NOTHING} {NOTHING})",
        f"(bvslt {NOTHING} {NOTHING})",
        f"(= (bvudiv {NOTHING} {NOTHING}) {NOTHING})",
        f"(= (concat {NOTHING} #b1) #b1)",
        "(= ((_ repeat 0) #b1) ((_ repeat 0) #b0))",
        "(= ((_ extract 0 1) #b10) ((_ extract 0 1) #b01))",
        "(= #b #b)",
        "(= #x #x)",
    ],
)
def test_it_is_no_term(term):
    for answer in ({"sat": {}}, "unsat", "sat"):
        assert script(f"(assert {term})", answer).status == "malformed"


def test_it_is_no_sort():
    assert script("(declare-const x (_ BitVec 0))(assert (= x x))", {"sat": {"x": "#b"}}).status == "malformed"
