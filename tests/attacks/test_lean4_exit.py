"""`#exit` before a false theorem: the rest of the file is not checked, and Lean exits with 0.

Source: shared/lean/README.md, the table of what an exit code gets wrong.
"""

from __future__ import annotations

from lean4_attack import PROOF, TRUE, check, unsupported


def test_in_the_answer():
    for answer in ("#exit", "rfl\n#exit", "by\n  #exit\n", "(by rfl)\n#exit\n"):
        unsupported(check(answer), "#exit")


def test_in_the_header():
    unsupported(check("rfl", header="#exit"), "#exit")
    unsupported(check(PROOF, TRUE, "theorem a : 1 = 1 := rfl\n#exit"), "#exit")
