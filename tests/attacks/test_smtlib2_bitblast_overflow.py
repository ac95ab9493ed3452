"""Machine arithmetic wraps around: laws of the integers that bits break, at the ends of the range."""

from __future__ import annotations

import pytest
from bitblast_attack import solved


@pytest.mark.parametrize(
    ("claim", "model"),
    [
        ("(not (bvult x (bvadd x #b0001)))", True),
        ("(not (bvslt x (bvadd x #b0001)))", True),
        ("(not (bvsge (ite (bvslt x #b0000) (bvneg x) x) #b0000))", True),  # the magnitude of the least number
        ("(distinct (bvneg (bvneg x)) x)", False),
        ("(and (distinct x #b0000) (= x (bvneg x)))", True),
        ("(distinct (bvsdiv #b1000 #b1111) #b1000)", False),
        ("(distinct (bvudiv (bvmul x #b0010) #b0010) x)", True),
        ("(distinct (bvmul x #b0010) (bvshl x #b0001))", False),
        ("(bvslt (bvadd x y) (bvsub x (bvneg y)))", False),
        ("(and (bvsgt x #b0000) (bvsgt y #b0000) (bvslt (bvadd x y) #b0000))", True),
    ],
)
def test_no_law_of_the_integers_is_lent(claim, model):
    assert solved(claim) is model
