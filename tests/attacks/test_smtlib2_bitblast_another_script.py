"""The right proof of another script: of another width, another operator, other arguments, or one assertion less."""

from __future__ import annotations

import pytest
from bitblast_attack import CLAIM, PROOF, refuted


def test_the_proof_is_right():
    assert refuted(CLAIM, {"lrat": PROOF}).proved


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("BitVec 2", "BitVec 3"),
        ("bvadd y x", "bvadd y y"),
        ("bvadd y x", "bvsub y x"),
        ("bvadd y x", "bvor y x"),
        ("distinct", "="),
        ("(assert", "(assert (= x x))(check-sat)(assert"),
        ("bvadd x y", "bvadd x x"),
        ("bvadd x y", "bvand x y"),
        ("(assert (distinct (bvadd x y) (bvadd y x)))", ""),
        ("(assert (d", "(assert (or true (d"),
    ],
)
def test_it_proves_no_other(old, new):
    assert old in CLAIM
    text = CLAIM.replace(old, new) + (")" if new.startswith("(assert (or") else "")
    assert not refuted(text, {"lrat": PROOF}).proved
