"""A proof of nothing but the empty clause, or of nothing at all: what a solver leaves that was killed, or that never
wrote one.
"""

from __future__ import annotations

import pytest
from cnf_attack import OPEN, SQUARE, refuted


@pytest.mark.parametrize("clauses", [OPEN, SQUARE, []])
@pytest.mark.parametrize("evidence", [{"drat": ""}, {"drat": "0\n"}, {"lrat": ""}, {"lrat": "9 0 0\n"}, None])
def test_it_shows_nothing(clauses, evidence):
    assert refuted(clauses, evidence).reason == "no-evidence"
