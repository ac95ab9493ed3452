"""Binary DRAT, which solvers write by default, and a byte order mark: no text of these formats."""

from __future__ import annotations

import pytest
from cnf_attack import SQUARE, refuted


@pytest.mark.parametrize(
    "proof", ["a\x02\x00a\x00", "a\x02\x00", "\ufeff1 0\n0\n", "1 0\x00\n0\n", "\x00", "1\x0b0\n0\n", "1\u20280\n"]
)
@pytest.mark.parametrize("form", ["drat", "lrat"])
def test_it_is_malformed(proof, form):
    assert refuted(SQUARE, {form: proof}).status == "malformed"
