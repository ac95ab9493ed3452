"""Hints at clauses that are neither unit nor false at their turn: a checker that trusts them would take any lemma."""

from __future__ import annotations

import pytest
from cnf_attack import OPEN, SQUARE, lrat


@pytest.mark.parametrize(
    "lines",
    [
        ["5 0 1 0"],
        ["5 0 1 2 3 4 0"],
        ["5 1 0 3 4 0", "6 0 5 1 0"],
        ["5 1 0 2 1 0", "6 0 3 5 4 0"],
        ["5 1 0 1 2 0", "6 0 5 3 3 3 0"],
        ["5 -1 2 0 3 0", "6 0 1 2 3 5 0"],
        ["5 1 0 1 1 1 0"],
        ["5 2 -1 0 3 0", "6 -1 0 5 4 0", "7 0 6 0"],
    ],
)
def test_each_is_looked_at(lines):
    assert lrat(SQUARE, *lines).reason == "no-evidence"
    assert lrat(OPEN, *lines).reason == "no-evidence"


def test_a_true_clause_is_not_unit():
    assert lrat([(1, -1), (2, -2)], "3 1 0 1 0", "4 -1 0 1 0", "5 0 3 4 0").reason == "no-evidence"
    assert lrat([(1, 1, -1)], "2 0 1 1 0").reason == "no-evidence"
