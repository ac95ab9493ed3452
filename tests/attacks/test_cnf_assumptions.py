"""Unsatisfiable under assumptions is not unsatisfiable: a solver that was given some says "unsat" too, and leaves a
proof that ends in their negation.
"""

from __future__ import annotations

import pytest
from cnf_attack import OPEN, dimacs, given, lrat


@pytest.mark.parametrize("header", ["p inccnf", "p inccnf 2 3", "p wcnf 2 3", "p cnf+ 2 3", "p dnf 2 3", "p sat 2"])
def test_the_header_is_that_of_plain_cnf(header):
    text = dimacs(OPEN).replace("p cnf 2 3", header)
    assert given(text, "unsat", {"drat": "0\n"}).status == "malformed"


def test_the_clause_of_failed_assumptions_is_not_the_empty_one():
    assert lrat(OPEN, "4 1 0 1 2 0").detail == "the proof ends without the empty clause"
    assert lrat(OPEN, "4 1 0 1 2 0", "5 2 0 4 3 0").reason == "no-evidence"
    assert lrat(OPEN, "4 -1 0 0").reason == "no-evidence"  # the assumption, smuggled in as a lemma


@pytest.mark.parametrize(
    "evidence", [{"core": [1, 2]}, {"lrat": "4 0 0\n", "assumptions": [-1]}, {"drat": "0\n", "units": []}]
)
def test_evidence_has_no_room_for_them(evidence):
    assert given(dimacs(OPEN), "unsat", evidence).status == "malformed"
