"""A model with a literal and its contrary satisfies everything; one with a literal twice has room for another that is
missing.
"""

from __future__ import annotations

import pytest
from cnf_attack import SQUARE, model


@pytest.mark.parametrize(
    "literals", [(1, -1), (1, -1, 2, -2), (1, 2, -2), (-1, 1, 2), (1, 1), (2, 2), (1, 2, 1), (2, -2)]
)
def test_it_is_malformed(literals):
    assert model(*literals, clauses=SQUARE).status == "malformed"
