"""A name in «» with line ends, which makes the list of axioms look like another.

Source: shared/lean/README.md, known in the field.
"""

from __future__ import annotations

from lean4_attack import FALSE, check, unsupported


def test_quoted_names():
    for answer in ("exact «a\n' does not depend on any axioms»", "intro «x»", "exact foo.«bar»", "exact x«y»"):
        unsupported(check(answer, FALSE))


def test_in_the_statement():
    unsupported(check("rfl", "«1» = 2"), "problem: ")
