"""Comments that hide a bracket from one reader and not from the other.

Source: parser differentials; Lean's block comments nest.
"""

from __future__ import annotations

from lean4_attack import FALSE, PROOF, TRUE, check, malformed, needs_lean, unsupported


def test_block_comments_are_not_read():
    for answer in ("rfl /- ) -/", "/- /- -/ rfl", "rfl /-", "rfl -/", "/-- doc -/ rfl", "/-! -/ rfl"):
        unsupported(check(answer, FALSE))


def test_a_comment_hides_no_bracket():
    malformed(check("(rfl -- )", FALSE), "is not closed")
    malformed(check("rfl -- (\n)", FALSE), "closes no bracket")


def test_a_symbol_before_a_comment():
    for answer in ("rfl <-- )", "rfl <-- (\n)", "1 /--1", "x |--y", "x :=--y"):
        assert check(answer, FALSE).status != "correct"


@needs_lean
def test_an_honest_comment():
    assert check(PROOF.replace("\n", " -- ( sorry «\n"), TRUE).proved
