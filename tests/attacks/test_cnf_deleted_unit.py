"""A unit clause is deleted, and its contrary is then a RAT lemma: whether deletions of units are ignored or carried
out, nothing may rest on what is gone (Rebola-Pardo and Biere, "Two flavors of DRAT", POS 2018).
"""

from __future__ import annotations

from cnf_attack import drat, lrat


def test_the_contrary_refutes_nothing():
    assert drat([(1,)], "d 1 0", "-1 0", "0").reason == "no-evidence"
    assert drat([(1,), (-1, 2)], "d -1 2 0", "-2 0", "0").reason == "no-evidence"
    assert drat([(1,), (-1, 2)], "d 1 0", "-2 0", "-1 0", "0").reason == "no-evidence"
    assert lrat([(1,)], "1 d 1 0", "2 -1 0 0", "3 0 2 0").reason == "no-evidence"
    assert lrat([(1,)], "1 d 1 0", "2 -1 0 0", "3 0 2 1 0").reason == "no-evidence"


def test_a_unit_lemma_deleted_then_its_contrary():
    assert drat([(1, 2)], "3 0", "d 3 0", "-3 0", "0").reason == "no-evidence"
    assert lrat([(1, 2)], "2 3 0 0", "2 d 2 0", "3 -3 0 0", "4 0 3 0").reason == "no-evidence"
