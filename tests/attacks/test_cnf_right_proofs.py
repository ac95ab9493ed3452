"""The claims that the other attacks on proofs change: each is right here, so that their refusals mean something."""

from __future__ import annotations

from cnf_attack import DRAT, LRAT, OPEN, SQUARE, model, refuted


def test_they_are_proved():
    assert refuted(SQUARE, {"lrat": LRAT}).proved and refuted(SQUARE, {"drat": DRAT}).proved
    assert model(1, 2, clauses=OPEN).proved
