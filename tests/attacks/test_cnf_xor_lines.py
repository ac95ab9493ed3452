"""XOR clauses `x1 2 0`, as CryptoMiniSat reads them, cardinality lines, and FRAT or DPR steps: other languages, in
which the same numbers say something else.
"""

from __future__ import annotations

import pytest
from cnf_attack import SQUARE, dimacs, given, refuted


@pytest.mark.parametrize(
    "line", ["x1 2 0", "x 1 2 0", "x-1 -2 0", "k 1 1 2 0", "1 2 <= 1", "w 3 1 0", "h 1 0", "a 1 0", "e 1 0"]
)
def test_a_formula_of_another_language_is_no_formula(line):
    text = dimacs(SQUARE).replace("1 2 0", line, 1)
    for answer, evidence in (("unsat", {"drat": "0\n"}), ({"sat": [1, 2]}, None)):
        assert given(text, answer, evidence).status == "malformed"


@pytest.mark.parametrize(
    "line", ["x 1 2 0", "i 5 1 0 1 2 0", "a 5 1 0 l 1 2 0", "f 5 0", "r 1 2 0", "p cnf 1 1", "1 2 0 5 0 x"]
)
@pytest.mark.parametrize("form", ["drat", "lrat"])
def test_a_step_of_another_language_is_no_step(line, form):
    assert refuted(SQUARE, {form: f"{line}\n0\n"}).status == "malformed"
