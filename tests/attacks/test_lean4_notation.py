"""A notation or macro that changes what the statement means.

Source: shared/lean/README.md, known in the field.
"""

from __future__ import annotations

from lean4_attack import FALSE, PROOF, TRUE, check, malformed


def test_in_the_answer():
    for line in (
        'notation "2" => 1',
        "infix:50 = => foo",
        "local notation x => y",
        "syntax x : term",
        "macro_rules | x => y",
    ):
        assert check(f"rfl\n{line}", FALSE).status in ("malformed", "undecided")
    malformed(check("rfl\nmacro_rules | x => y", FALSE), "macro_rules may not occur")


def test_in_the_header():
    for word in ("notation", "infix", "macro", "macro_rules", "syntax", "declare_syntax_cat"):
        malformed(check(PROOF, TRUE, f"{word} x"), f"problem: {word} may not occur")
