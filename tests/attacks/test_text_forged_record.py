"""A record that claims a verdict it has not: a bare conclusion leans on the record's evidence, which is replayed, not
believed.
"""

from __future__ import annotations

import pytest
from attack import problem

import neurosym as ns
from neurosym.core import Claim, Record, Verdict


def forged(claim):
    return Record(problem("cnf_files"), "", "", claim, Verdict.correct("trust me"), "", "", "", "")


@pytest.mark.parametrize(
    "evidence",
    [None, {"drat": "0\n"}, {"lrat": "4 0 1 2 3 0\n"}, {"status": "correct"}, {"drat": "1 0\n-1 0\n0\n"}, "proved"],
)
def test_a_forged_record_lends_nothing(evidence):
    assert not ns.judge(forged(Claim("unsat", evidence)), "unsat").proved
    assert ns.judge(forged(Claim("unsat", evidence)), "sat 1 -2 3").proved
    assert ns.judge(forged(Claim({"sat": [1, 2, 3]})), "unsat").status == "undecided"
