"""Proof traces: the goals before and after each tactic, as Lean tells them."""

from __future__ import annotations

import shutil
from os import environ

import pytest
from neurosym_oracles._lean import Pool
from neurosym_oracles._lean_trace import trace
from neurosym_oracles.lean4_checker import Lean4Checker

from neurosym.core import Budget, Claim, Problem

pytestmark = pytest.mark.skipif(
    shutil.which(environ.get("NEUROSYM_LEAN") or "lean") is None, reason="Lean 4 is not installed"
)

SWAP = "∀ p q : Prop, p ∧ q → q ∧ p"
LINES = ["intro p q h", "have k : q := h.right", "constructor", "· exact k", "· exact h.left"]


def test_a_trace():
    steps = trace(Pool(), "", SWAP, "\n".join(LINES), Budget())
    assert [step[0] for step in steps] == [line.removeprefix("· ") for line in LINES]
    known = "p q : Prop\nh : p ∧ q\n"
    assert steps[0] == ["intro p q h", "⊢ ∀ (p q : Prop), p ∧ q → q ∧ p", f"{known}⊢ q ∧ p"]
    assert steps[1][2] == f"{known}k : q\n⊢ q ∧ p"
    assert steps[2][2] == f"case left\n{known}k : q\n⊢ q\ncase right\n{known}k : q\n⊢ p"
    assert steps[4] == ["exact h.left", f"case right\n{known}k : q\n⊢ p", "no goals"]


def test_nested_proofs():
    proof = "intro p h\ncases h with\n| inl a =>\n  exact a\n| inr a => exact a"
    steps = trace(Pool(), "theorem one : 1 = 1 := rfl", "∀ p : Prop, p ∨ p → p", proof, Budget())
    assert [step[0] for step in steps] == ["intro p h", proof.partition("\n")[2], "exact a", "exact a"]
    assert steps[3][1:] == ["case inr\np : Prop\na : p\n⊢ p", "no goals"]


def test_a_proof_that_fails_has_none():
    assert trace(Pool(), "", SWAP, "intro p q h\nexact h", Budget()) == []


def test_each_step_is_checked_as_an_answer():
    checker = Lean4Checker()
    for number in range(1, len(LINES)):
        prefix, answer, rest = LINES[:number], LINES[number], LINES[number + 1 :]
        problem = Problem("test", "lean4", {"header": "", "statement": SWAP, "prefix": "\n".join(prefix)})
        claim = Claim(answer, {"rest": "\n".join(rest)} if rest else None)
        assert checker.check(problem, claim, Budget()).proved
