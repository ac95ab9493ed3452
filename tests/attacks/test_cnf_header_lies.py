"""A header that counts other clauses or variables than there are: solvers read on, or stop, each in its own way."""

from __future__ import annotations

import pytest
from cnf_attack import given


@pytest.mark.parametrize(
    "text",
    [
        "p cnf 2 1\n1 0\n-1 0\n", "p cnf 2 3\n1 0\n-1 0\n", "p cnf 1 2\n1 0\n2 0\n", "p cnf 2 2\n1 0\n-1\n",
        "p cnf 2 2\np cnf 1 1\n1 0\n-1 0\n", "1 0\n-1 0\n", "p cnf -2 2\n1 0\n-1 0\n", "p cnf 2\n1 0\n-1 0\n",
        "p cnf 2 2 2\n1 0\n-1 0\n", "p cnf 2 02\n1 0\n-1 0\n", "P CNF 2 2\n1 0\n-1 0\n", "p cnf 2 2\n1 0 -1 0 %\n0\n",
        "p cnf 2 1\n1 0\n%\n0\n-1 0\n", "p cnf 2 2\n1 0\n%\n0\n-1 0\n", "p cnf 2 1\n1 0\n%\n",
        "p cnf 2 2\n1 0\n-1 0\n\0", "p cnf 2 2\n1 0\n−1 0\n", "p cnf 2 2\n1 0\n-1 0\nq",
    ],
)  # fmt: skip
def test_the_formula_is_malformed(text):
    for answer, evidence in (("unsat", {"lrat": "3 0 1 2 0\n"}), ({"sat": [1, 2]}, None), ({"sat": [1, -2]}, None)):
        verdict = given(text, answer, evidence)
        assert verdict.status == "malformed" and verdict.detail.startswith("problem: ")
