"""What the attacks on Lean share: one statement that is true, one that is false, and a verdict by both roads.

An attack is a text in the place of a proof (or of a statement or header). It must be refused for the reason named.
"""

from __future__ import annotations

import shutil
from os import environ

import pytest
from neurosym_oracles.lean4_checker import Lean4Checker

from neurosym.core import Budget, Claim, Json, Problem, Reason, Status, Verdict

needs_lean = pytest.mark.skipif(
    shutil.which(environ.get("NEUROSYM_LEAN") or "lean") is None, reason="Lean 4 is not installed"
)

FALSE = "1 = 2"
TRUE = "∀ p q : Prop, p ∧ q → q ∧ p"
PROOF = "intro p q h\nexact ⟨h.right, h.left⟩"

CHECKER = Lean4Checker()


def check(answer: Json, statement: str = FALSE, header: str = "", budget: Budget = Budget()) -> Verdict:  # noqa: B008
    """The verdict, which is the same warm and in a batch."""
    problem = Problem("attack", "lean4", {"header": header, "statement": statement})
    claim = Claim(answer)
    verdict = CHECKER.check(problem, claim, budget)
    assert CHECKER.check_many([(problem, claim)], budget) == [verdict]
    return verdict


def malformed(verdict: Verdict, why: str) -> None:
    assert verdict.status is Status.MALFORMED and why in verdict.detail, verdict


def unsupported(verdict: Verdict, why: str = "") -> None:
    assert verdict.reason is Reason.UNSUPPORTED and why in verdict.detail, verdict


def wrong(verdict: Verdict, why: str = "") -> None:
    assert verdict.status is Status.WRONG and why in verdict.detail, verdict
