"""A proof that opens a namespace, to shadow the names of the statement.

Source: shared/lean/README.md, known in the field.
"""

from __future__ import annotations

from lean4_attack import FALSE, check, malformed


def test_commands_end_no_theorem():
    for line in (
        "namespace Evil",
        "open Evil",
        "open Evil in",
        "end",
        "section",
        "universe u",
        "variable (h : 1 = 2)",
        "import Evil",
        "export Evil (x)",
        "attribute [simp] x",
        "private theorem x : 1 = 1 := rfl",
    ):
        malformed(check(f"rfl\n{line}", FALSE), "may not occur")
        malformed(check(f"{line}\nrfl", FALSE), "may not occur")
