"""Shifts by the width and more: a machine takes the steps modulo the width, SMT-LIB shifts everything out."""

from __future__ import annotations

import pytest
from bitblast_attack import solved


@pytest.mark.parametrize(
    ("claim", "model"),
    [
        ("(distinct (bvshl x #b0100) #b0000)", False),
        ("(distinct (bvlshr x #b1100) #b0000)", False),
        ("(distinct (bvashr x #b0101) (bvashr x #b1111))", False),
        ("(= (bvashr #b1000 #b1000) #b0000)", False),
        ("(distinct (bvlshr x y) (bvashr x y))", True),
        ("(distinct (bvlshr (bvshl x y) y) x)", True),
        ("(distinct ((_ rotate_left 5) x) ((_ rotate_left 1) x))", False),
        ("(distinct ((_ rotate_left 1) ((_ rotate_right 1) x)) x)", False),
        ("(distinct ((_ rotate_left 1) x) ((_ rotate_right 1) x))", True),
    ],
)
def test_everything_is_shifted_out(claim, model):
    assert solved(claim) is model
