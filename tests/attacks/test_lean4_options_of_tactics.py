"""Options inside tactics: their values are evaluated as code.

Source: Lean 4, `declare_config_elab`: a configuration is a term that Lean runs.
"""

from __future__ import annotations

from lean4_attack import FALSE, check, malformed


def test_configurations():
    for answer in (
        "simp (config := { decide := true })",
        "decide (kernel := true)",
        "decide +kernel",
        "simp (config := unsafe x)",
        "exact by decide (config := cfg)",
        "omega (config := {})",
    ):
        malformed(check(answer, FALSE), "may not occur")
