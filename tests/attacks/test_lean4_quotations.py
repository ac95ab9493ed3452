"""Quotations, antiquotations, strings and characters: the ways to make syntax out of syntax.

Source: shared/lean/README.md, known in the field.
"""

from __future__ import annotations

from lean4_attack import FALSE, check, unsupported


def test_they_are_not_read():
    for answer in (
        "exact `(rfl)",
        "exact ``rfl",
        "exact $x",
        'exact "a\nb"',
        "exact 'a'",
        'exact s!"{1}"',
        'exact r#"a"#',
        "x!",
        "@[simp] x",
    ):
        unsupported(check(answer, FALSE))
