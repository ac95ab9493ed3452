"""Hints to clauses that are not there: deleted, to come, the lemma itself, 0, beyond any number."""

from __future__ import annotations

import pytest
from cnf_attack import OPEN, SQUARE, lrat


@pytest.mark.parametrize("clauses", [OPEN, SQUARE])
@pytest.mark.parametrize(
    "lines",
    [
        ["5 0 5 0"],
        ["5 1 0 6 0", "6 -1 0 5 0", "7 0 5 6 0"],
        ["5 0 9999999999 0"],
        ["5 1 0 1 2 0", "5 d 5 0", "6 0 5 3 4 0"],
        ["5 0 6 0", "6 0 5 0"],
    ],
)
def test_no_clause_is_taken_for_granted(clauses, lines):
    verdict = lrat(clauses, *lines)
    assert verdict.reason == "no-evidence" and "there is no clause" in verdict.detail


@pytest.mark.parametrize("line", ["5 0 0 0", "5 0 -0 0", "5 0 00 0", "5 0 99999999999 0", "5 0 1 +2 0", "5 0 0x1 0"])
def test_what_is_no_number_of_a_clause_is_malformed(line):
    assert lrat(SQUARE, line).status == "malformed"
