"""A clause is deleted, so that a RAT lemma need not be resolved with it, and used again afterwards."""

from __future__ import annotations

from cnf_attack import OPEN, SQUARE, drat, lrat


def test_what_is_deleted_is_gone():
    assert lrat(SQUARE, "4 d 1 0", "5 1 0 1 2 0", "6 0 5 3 4 0").detail == "line 2 of the proof: there is no clause 1"
    assert lrat(SQUARE, "5 1 0 1 2 0", "5 d 5 0", "6 0 5 3 4 0").reason == "no-evidence"
    assert lrat(SQUARE, "4 d 1 0", "4 d 1 0", "5 1 0 1 2 0").reason == "no-evidence"


def test_clauses_deleted_to_make_a_lemma_rat():
    assert lrat(OPEN, "3 d 3 0", "4 -1 0 -1 -2 0", "5 0 4 3 0").reason == "no-evidence"
    assert lrat(OPEN, "3 d 1 2 0", "4 -1 0 0", "5 -2 0 4 0", "6 0 4 5 1 0").reason == "no-evidence"
    assert drat(OPEN, "d 1 2 0", "d 1 -2 0", "-1 0", "2 0", "-2 0", "0").reason == "no-evidence"
    assert drat(SQUARE, "d 1 2 0", "1 0", "0").proved is False


def test_a_deleted_clause_that_a_proof_does_without():
    assert lrat([*SQUARE, (1, 2)], "5 d 5 0", "6 1 0 1 2 0", "7 0 6 3 4 0").proved
