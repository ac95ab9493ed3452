"""Tactics and terms that run code in Lean: they can add a declaration that the kernel never saw.

Source: shared/lean/README.md, known in the field.
"""

from __future__ import annotations

from lean4_attack import FALSE, PROOF, TRUE, check, malformed, unsupported

WORDS = (
    "run_tac",
    "by_elab",
    "run_cmd",
    "run_meta",
    "run_elab",
    "elab",
    "eval",
    "unsafe",
    "initialize",
    "simproc",
    "conv",
)


def test_in_the_answer():
    for word in WORDS:
        malformed(check(f"{word} foo", FALSE), f"{word} may not occur")
        malformed(check(f"by\n  {word} do\n    skip", FALSE), f"{word} may not occur")


def test_in_the_header():
    for word in WORDS:
        malformed(check(PROOF, TRUE, f"{word} x\n"), f"problem: {word} may not occur")


def test_percent_terms():
    for answer in ("eval% 1", "decl_name%", "by exact (type_of% rfl)", "private_decl% x"):
        assert check(answer, FALSE).status in ("undecided", "malformed")
    unsupported(check("exact decl_name%", FALSE), "decl_name%")
