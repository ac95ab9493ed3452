"""A script that gives an operator another meaning, or a name two: the encoding must be of what the script says."""

from __future__ import annotations

import pytest
from bitblast_attack import refuted, solved_text

W = "(_ BitVec 4)"
X = f"(declare-const x {W})(declare-const y {W})"


@pytest.mark.parametrize(
    "text",
    [
        f"{X}(define-fun bvadd ((a {W}) (b {W})) {W} a)(assert (distinct (bvadd x y) x))",
        f"{X}(declare-const bvadd {W})(assert (distinct bvadd x))",
        f"{X}(declare-const x {W})(assert (distinct x x))",
        f"{X}(define-fun true () Bool false)(assert true)",
        f"{X}(define-fun f ((a {W}) (a {W})) {W} a)(assert (distinct (f x y) x))",
    ],
)
def test_operators_are_not_named_anew(text):
    verdict = refuted(text, {"lrat": "2 0 1 0\n"})
    assert verdict.status == "malformed" or verdict.reason == "unsupported"


@pytest.mark.parametrize(
    ("text", "model"),
    [
        (f"{X}(assert (let ((x y) (y x)) (distinct (bvsub x y) (bvneg (bvsub y x)))))", False),
        (f"{X}(assert (let ((x y) (y x)) (distinct (bvsub x y) (bvsub y x))))", True),
        (f"{X}(define-fun f ((y {W})) {W} (bvadd x y))(assert (let ((x y)) (distinct (f x) (bvadd x y))))", True),
        (f"{X}(define-fun f ((x {W})) {W} (bvadd x y))(assert (distinct (f y) (bvadd y y)))", False),
        (f"{X}(assert (let ((x (bvnot x))) (let ((x (bvnot x))) (distinct x y))))", True),
        (f"{X}(declare-const |x y| {W})(assert (distinct |x| x))", False),
    ],
)
def test_names_mean_what_their_scope_says(text, model):
    assert solved_text(text) is model
