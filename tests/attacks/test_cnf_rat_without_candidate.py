"""A RAT lemma with hints for some of the clauses that it must be resolved with, but not for all."""

from __future__ import annotations

import pytest
from cnf_attack import lrat

# -1 is RAT here, by three resolvents; hints from test_lrat.
CLAUSES = [(1, 2, -3), (-1, -2, 3), (2, 3, -4), (-2, -3, 4), (-1, -3, -4), (1, 3, 4), (-1, 2, 4), (1, -2, -4)]
REST = ("10 2 0 9 1 6 3 0", "11 0 9 10 8 6 4 0")


def refuted(clauses, hints):
    return lrat(clauses, f"9 -1 0 {hints} 0", *REST, variables=4)


def test_all_resolvents_are_asked_for():
    assert refuted(CLAUSES, "-1 5 7 -6 2 7 -8 2 5").proved
    for hints in ("-6 2 7 -8 2 5", "-1 5 7 -8 2 5", "-1 5 7 -6 2 7", "-1 5 7", "", "-1 -6 -8", "1 6 8"):
        assert refuted(CLAUSES, hints).reason == "no-evidence", hints


@pytest.mark.parametrize("extra", [(1,), (1, -3), (1, 2, 3, -4)])
def test_a_clause_that_the_proof_does_not_know(extra):
    clauses = [*CLAUSES[:-1], extra]
    assert refuted(clauses, "-1 5 7 -6 2 7").reason == "no-evidence"


def test_a_group_for_a_clause_that_is_no_candidate():
    assert refuted(CLAUSES, "-1 5 7 -6 2 7 -2 5").reason == "no-evidence"
    assert refuted(CLAUSES, "-1 5 7 -6 2 7 -99 5").reason == "no-evidence"
