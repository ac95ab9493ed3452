"""Zero is no literal: it ends a clause, and `x in model` may take it for one; -0 is the same number."""

from __future__ import annotations

import pytest
from cnf_attack import OPEN, given, model


@pytest.mark.parametrize("literals", [(0, 0), (1, 0), (0, 2), (1, 2, 0), (0, 1, 2), (-0, 2)])
def test_a_model_with_zero_is_malformed(literals):
    assert model(*literals, clauses=OPEN).status == "malformed"


@pytest.mark.parametrize("clause", ["1 -0 2 0", "00 1 0", "0 0", "1 2", "1 2 0 0"])
def test_a_formula_with_another_zero_is_malformed(clause):
    assert given(f"p cnf 2 1\n{clause}\n", {"sat": [1, 2]}).status == "malformed"


def test_an_empty_clause_is_one():
    assert given("p cnf 1 1\n0\n", {"sat": [1]}).status == "wrong"
    assert given("p cnf 1 1\n0\n", "unsat", {"lrat": "2 0 1 0\n"}).proved
    assert given("p cnf 2 2\n0 1\n2 0\n", {"sat": [1, 2]}).status == "wrong"  # the empty clause, then (1 2)
