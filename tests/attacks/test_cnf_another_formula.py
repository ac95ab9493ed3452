"""The right proof of another formula: of more clauses, other signs, or the same clauses in another order, where the
numbers of LRAT name other ones.
"""

from __future__ import annotations

from itertools import permutations

from cnf_attack import DRAT, LRAT, OPEN, SQUARE, refuted


def test_the_formula_must_be_this_one():
    for clauses in (OPEN, [*OPEN, (1, 2)], [*OPEN, (-1, 1)], [*OPEN, (-1, -2, 3)], [], [(1,), (2,)]):
        for evidence in ({"lrat": LRAT}, {"drat": DRAT}):
            assert refuted(clauses, evidence, variables=3).reason == "no-evidence"


def test_order_matters_to_numbers_but_never_makes_a_lie():
    assert {str(refuted(order, {"lrat": LRAT}).status) for order in permutations(SQUARE)} == {"correct", "undecided"}
    for order in permutations([*OPEN, (2, 1)]):
        assert not refuted(order, {"lrat": LRAT}).proved
