"""The pivot of a RAT lemma is its first literal as written (Wetzler, Heule and Hunt, "DRAT-trim", SAT 2014): a checker
that sorts literals first resolves on another one, and defines a new variable twice.
"""

from __future__ import annotations

from cnf_attack import OPEN, drat, lrat


def test_only_the_first_literal_counts():
    assert lrat([(-1, 2)], "2 1 3 0 0", "3 0 2 0").detail.endswith("its resolvent with clause 1")
    assert drat([(-1, 2)], "1 3 0", "0").detail.startswith("line 1 of the proof is neither RUP nor RAT")
    assert drat([(-1, 2)], "3 1 0", "0").detail.startswith("line 2 of the proof")  # that one is right


def test_a_new_variable_is_defined_once():
    twice = ("3 -1 0", "-3 1 0", "3 1 0", "-3 -1 0", "0")
    assert drat(OPEN, *twice).reason == "no-evidence"
    lines = ("4 3 -1 0 0", "5 -3 1 0 -4 0", "6 3 1 0 0", "7 -3 -1 0 -4 -6 0", "8 0 0")
    assert lrat(OPEN, *lines).reason == "no-evidence"
