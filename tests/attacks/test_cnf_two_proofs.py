"""Evidence with two proofs, under another name, or in another shape: none of it is guessed at."""

from __future__ import annotations

import pytest
from cnf_attack import DRAT, LRAT, SQUARE, refuted


@pytest.mark.parametrize(
    "evidence",
    [
        {"lrat": LRAT, "drat": DRAT},
        {"LRAT": LRAT},
        {"frat": LRAT},
        {"lrat ": LRAT},
        {},
        [],
        [LRAT],
        LRAT,
        DRAT,
        True,
        0,
        {"lrat": [LRAT]},
        {"lrat": {"text": LRAT}},
        {"lrat": None},
        {"drat": 0},
        {"lrat": LRAT.splitlines()},
        {"proof": LRAT},
    ],
)
def test_it_is_malformed(evidence):
    assert refuted(SQUARE, evidence).status == "malformed"


@pytest.mark.parametrize("evidence", [{"lrat": DRAT}, {"drat": LRAT.replace("5 1 0", "5 1 0", 1)}])
def test_one_format_is_not_read_as_the_other(evidence):
    verdict = refuted(SQUARE, evidence)
    assert verdict.status == "malformed"


def test_drat_is_not_lrat_even_where_it_reads_as_such():
    assert not refuted(SQUARE[:3], {"lrat": "4 0 1 0\n"}).proved
    assert not refuted(SQUARE[:3], {"drat": "5 1 0\n0\n"}).proved
