"""A proof that never ends: undecided, and the process is there for the next.

Source: any proof search; issue 4.
"""

from __future__ import annotations

from lean4_attack import FALSE, PROOF, TRUE, check, malformed, needs_lean

from neurosym.core import Budget, Reason


def test_the_limit_cannot_be_lifted():
    malformed(check("set_option maxHeartbeats 0 in rfl", FALSE), "set_option may not occur")


@needs_lean
def test_heartbeats():
    slow = "intro p q h\n" + "try exact (h.left, h.right, h, h)\n" * 50 + "exact ⟨h.right, h.left⟩"
    verdict = check(slow, TRUE, budget=Budget(steps=1))
    assert verdict.reason is Reason.TIMEOUT, verdict
    assert check(PROOF, TRUE).proved


@needs_lean
def test_none_at_all():
    for steps in (0, -1):
        assert check(PROOF, TRUE, budget=Budget(steps=steps)).reason is Reason.TIMEOUT


@needs_lean
def test_deep_recursion():
    verdict = check("decide", "2000 * 2000 = 4000000 ∧ " + " ∧ ".join(["True"] * 400))
    assert verdict.proved or verdict.reason is not None
