"""Comments that are meant to be read: proof steps, answers and headers in `c` lines, and what a solver prints."""

from __future__ import annotations

import pytest
from cnf_attack import LRAT, OPEN, SQUARE, dimacs, given


@pytest.mark.parametrize(
    "comment",
    ["c s UNSATISFIABLE", "c p cnf 1 2", "c 5 1 0 1 2 0", "c -1 -2 0", "c\tunsat", "cp cnf 1 1", "c 1 0\rc -1 0"],
)
def test_a_comment_in_the_formula_says_nothing(comment):
    for text in (
        f"{comment}\n{dimacs(OPEN)}",
        dimacs(OPEN).replace("\n1 2", f"\n{comment}\n1 2"),
        f"{dimacs(OPEN)}{comment}",
    ):
        assert given(text, "unsat").reason == "no-evidence"
        assert given(text, "unsat", {"lrat": LRAT}).reason == "no-evidence"
        assert given(text, {"sat": [1, 2]}).proved


@pytest.mark.parametrize("proof", ["s UNSATISFIABLE\n", "c ok\n0\n", "s VERIFIED\n", "v 0\n", "c 5 0 1 0\n", "o 5 0\n"])
@pytest.mark.parametrize("form", ["drat", "lrat"])
def test_a_proof_has_no_comments(proof, form):
    assert given(dimacs(SQUARE), "unsat", {form: proof}).status == "malformed"
