"""`native_decide` believes compiled code: an axiom, and a larger trusted base.

Source: shared/lean/README.md, known in the field.
"""

from __future__ import annotations

from lean4_attack import FALSE, check, malformed


def test_every_spelling():
    for answer in (
        "native_decide",
        "by native_decide",
        "decide +native",
        "decide (config := { native := true })",
        "exact Lean.ofReduceBool _ _ rfl",
        "exact Lean.trustCompiler",
    ):
        malformed(check(answer, FALSE), "may not occur")
