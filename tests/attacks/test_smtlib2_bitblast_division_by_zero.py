"""Division by zero of bit-vectors is defined (SMT-LIB 2.6, FixedSizeBitVectors): all ones, with the dividend as the
remainder. Most machines trap instead.
"""

from __future__ import annotations

import pytest
from bitblast_attack import solved

ZERO, ONES = "#b0000", "#b1111"


@pytest.mark.parametrize(
    ("claim", "model"),
    [
        (f"(distinct (bvudiv x {ZERO}) {ONES})", False),
        (f"(distinct (bvurem x {ZERO}) x)", False),
        (f"(distinct (bvsmod x {ZERO}) x)", False),
        (f"(distinct (bvsrem x {ZERO}) x)", False),
        (f"(distinct (bvsdiv x {ZERO}) {ONES})", True),  # 1 where x is negative
        (f"(= (bvudiv x {ZERO}) {ONES})", True),
        (f"(= (bvudiv x {ZERO}) {ZERO})", False),
        ("(distinct (bvudiv x x) #b0001)", True),
        ("(distinct (bvmul (bvudiv x y) y) (bvsub x (bvurem x y)))", False),
        ("(not (bvult (bvurem x y) y))", True),  # not where y is 0
    ],
)
def test_what_the_standard_says(claim, model):
    assert solved(claim) is model
