"""Evidence that brings its own formula, its own encoding, or somebody's word: the checker encodes the script itself."""

from __future__ import annotations

import pytest
from bitblast_attack import CLAIM, FALSE_CLAIM, PROOF, refuted


@pytest.mark.parametrize(
    "evidence",
    [
        {"lrat": "2 0 1 0\n", "dimacs": "p cnf 1 2\n1 0\n-1 0\n"},
        {"dimacs": "p cnf 1 1\n0\n", "lrat": ""},
        {"lrat": PROOF, "script": CLAIM},
        {"lrat": PROOF, "farkas": []},
        {"drat": "0\n"},
        {"lrat": [PROOF]},
        {"lrat": None},
        {"alethe": "(step t1 (cl) :rule hole)"},
        PROOF,
        "unsat",
        True,
        [],
    ],
)
def test_it_is_malformed(evidence):
    assert refuted(FALSE_CLAIM, evidence).status == "malformed"
    assert not refuted(CLAIM, evidence).proved


def test_a_status_in_the_script_adds_nothing():
    text = f"(set-info :status unsat){FALSE_CLAIM}"
    assert refuted(text, None).reason == "no-evidence"
    assert refuted(text, {"lrat": PROOF}).reason == "no-evidence"
