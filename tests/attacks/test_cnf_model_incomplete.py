"""A model that leaves variables out: what is not set may be taken for true in one clause and for false in another."""

from __future__ import annotations

import pytest
from cnf_attack import given, model

CLAUSES = [(1, 2), (-1, 3), (-2, -3)]


@pytest.mark.parametrize("literals", [(), (1,), (1, 3), (1, -2), (-2, 3), (1, -2, 3, 4), (1, -2, 4)])
def test_every_variable_is_set(literals):
    assert model(*literals, clauses=CLAUSES, variables=3).status == "malformed"
    assert model(1, -2, 3, clauses=CLAUSES, variables=3).proved


def test_a_variable_in_no_clause_is_set_too():
    assert model(1, -2, 3, clauses=CLAUSES, variables=4).status == "malformed"
    assert model(1, -2, 3, -4, clauses=CLAUSES, variables=4).proved


def test_no_variables():
    assert given("p cnf 0 0\n", {"sat": []}).proved
    assert given("p cnf 0 1\n0\n", {"sat": []}).status == "wrong"
