"""A proof by a function that calls itself for ever.

Source: Lean's `partial`, `let rec` and `where`.
"""

from __future__ import annotations

from lean4_attack import FALSE, check, malformed, needs_lean


def test_auxiliary_definitions_are_not_read():
    for answer in ("let rec f : 1 = 2 := f\nexact f", "exact f\nwhere f : 1 = 2 := f", "partial", "mutual"):
        malformed(check(answer, FALSE), "may not occur")


@needs_lean
def test_the_theorem_itself():
    for answer in ("exact this", "this", "fun h => h", "assumption", "exact _", "exact ?_", "refine ?_", "_", "?x"):
        assert check(answer, FALSE).status in ("wrong", "undecided")
