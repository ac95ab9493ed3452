"""`sorry`: Lean exits with 0 and only warns.

Source: shared/lean/README.md, the table of what an exit code gets wrong.
"""

from __future__ import annotations

from lean4_attack import FALSE, check, malformed


def test_sorry():
    for answer in ("sorry", "by sorry", "exact sorry", "(sorry)", "sorry -- done", "by\n  first | sorry | rfl"):
        malformed(check(answer), "sorry may not occur")


def test_its_synonyms():
    for answer in ("admit", "by admit", "stop", "exact sorryAx _ true", "sorryAx (1 = 2) true", "_root_.sorryAx _"):
        malformed(check(answer, FALSE), "may not occur")
