"""`axiom evil : 1 = 2` beside the theorem, or in the header: Lean exits with 0.

Source: shared/lean/README.md, the table of what an exit code gets wrong.
"""

from __future__ import annotations

from lean4_attack import FALSE, PROOF, TRUE, check, malformed


def test_in_the_answer():
    for answer in ("exact evil\naxiom evil : 1 = 2", "rfl\n\naxiom evil : 1 = 2\ntheorem x : 1 = 2 := evil"):
        malformed(check(answer, FALSE), "axiom may not occur")


def test_in_the_header():
    malformed(check("exact evil", FALSE, "axiom evil : 1 = 2"), "problem: axiom may not occur")
    malformed(check(PROOF, TRUE, "axiom evil : 1 = 2"), "problem: axiom may not occur")
    malformed(check("exact evil", FALSE, "opaque evil : 1 = 2"), "problem: opaque may not occur")
