"""A proof that uses the theorem of another claim in the same file.

Source: batch verification; the README's remark on exact blame.
"""

from __future__ import annotations

from lean4_attack import CHECKER, FALSE, PROOF, TRUE, check, malformed, needs_lean

from neurosym.core import Budget, Claim, Problem


def test_our_names_may_not_occur():
    for answer in ("exact neurosym_x", "exact _root_.neurosym_0", "exact x.neurosym_0_audit", "intro neurosym"):
        malformed(check(answer, FALSE), "may not occur")
    malformed(check("rfl", FALSE, "import neurosym_proofs"), "problem: neurosym_proofs may not occur")


@needs_lean
def test_the_one_that_fails_is_blamed():
    answers = [
        (TRUE, PROOF),
        (FALSE, "rfl"),
        (TRUE, "intro p q h\nexact (h"),
        (TRUE, "intro p q h\nexact h"),
        (TRUE, PROOF),
        (FALSE, "exact absurd rfl rfl"),
        (TRUE, "fun p q h =>"),
        (TRUE, "by"),
        (TRUE, f"by\n  {PROOF.replace(chr(10), '; ')}"),
    ]
    problems = [Problem("x", "lean4", {"header": "", "statement": statement}) for statement, _ in answers]
    claims = [Claim(answer) for _, answer in answers]
    verdicts = CHECKER.check_many(list(zip(problems, claims, strict=True)), Budget())
    assert [verdict.proved for verdict in verdicts] == [True, False, False, False, True, False, False, False, True]
    alone = [CHECKER.check(problem, claim, Budget()) for problem, claim in zip(problems, claims, strict=True)]
    assert verdicts == alone
