"""A conclusion without a witness: it is right half of the time. Where the record has a proof of the contrary, it is
wrong; where nobody has one, undecided.
"""

from __future__ import annotations

import pytest
from attack import every_family, formal, judged, problem

WORDS = {
    "random_ksat": "unsat",
    "graph_coloring": "not colorable",
    "cnf_files": "unsat",
    "smtlib2_files": "unsat",
}


@pytest.mark.parametrize("family", WORDS)
def test_unsat_of_what_has_a_model_is_wrong(family):
    assert judged(family, WORDS[family]) == "wrong"


@every_family
@pytest.mark.parametrize(
    "word", ["sat", "unknown", "timeout", "yes", "satisfiable", "solvable", "impossible", "unsat!", "UNSAT"]
)
def test_other_words_are_no_answer(family, word):
    assert judged(family, word) == "malformed"


@pytest.mark.parametrize("family", WORDS)
def test_without_a_record_it_is_undecided(family):
    for word in ("sat", "unsat"):
        verdict = formal(problem(family).kind, problem(family).payload, word)
        assert (verdict.status, verdict.reason) == ("undecided", "no-evidence")
