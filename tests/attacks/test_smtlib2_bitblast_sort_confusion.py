"""Bits where numbers are meant, signed where unsigned is, and words of another width or order."""

from __future__ import annotations

import pytest
from bitblast_attack import refuted, script_of, solved

ANYTHING = {"lrat": "2 0 1 0\n"}


@pytest.mark.parametrize(
    "text",
    [
        "(declare-const x Int)(assert (< x x))",
        "(declare-const x Real)(assert (distinct x x))",
        "(declare-const x Int)(declare-const b (_ BitVec 4))(assert (and (= b #x0) (> x x)))",
        "(declare-const x (_ BitVec 5000))(assert (distinct x x))",
    ],
)
def test_what_is_not_made_of_bits_is_unsupported(text):
    assert refuted(text, ANYTHING).reason == "unsupported"


@pytest.mark.parametrize(
    "claim", ["(= x #b00000)", "(bvult x 3)", "(bvadd x y)", "(and x y)", "(= x true)", "((_ extract 4 0) x)"]
)
def test_ill_sorted_scripts_are_malformed(claim):
    assert refuted(script_of(claim), ANYTHING).status == "malformed"


@pytest.mark.parametrize(
    ("claim", "model"),
    [
        ("(and (bvult x y) (bvsgt x y))", True),
        ("(and (bvult x y) (bvugt x y))", False),
        ("(distinct (concat x y) (concat y x))", True),
        ("(distinct ((_ extract 3 0) (concat x y)) y)", False),
        ("(distinct ((_ extract 7 4) (concat x y)) x)", False),
        ("(distinct ((_ zero_extend 2) x) ((_ sign_extend 2) x))", True),
        ("(= #b1 (bvcomp x (bvnot x)))", False),
        ("(distinct x y (bvnot x) (bvnot y) x)", False),
    ],
)
def test_bits_have_their_places(claim, model):
    assert solved(claim) is model
