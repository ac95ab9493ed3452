"""What the attacks on proofs about bit-vectors share: a claim with its proof, and claims decided by the whole road."""

from __future__ import annotations

import pytest
from attack import script

from neurosym.core import Budget, Json, Problem, Verdict

CLAIM = "(declare-const x (_ BitVec 2))(declare-const y (_ BitVec 2))(assert (distinct (bvadd x y) (bvadd y x)))"
FALSE_CLAIM = CLAIM.replace("bvadd y x", "bvadd y y")
PROOF = """\
37 -11 -12 0 36 33 21 22 25 5 15 8 0
38 -12 -13 0 37 29 24 0
39 11 -13 0 36 38 32 29 13 6 7 23 4 0
40 -13 0 36 38 32 39 21 22 27 5 14 8 0
41 -11 0 40 28 37 27 0
42 -7 0 41 6 7 23 4 0
43 8 0 41 42 36 24 13 32 0
44 12 0 43 41 26 0
45 9 0 43 42 16 0
46 0 45 44 36 33 0
"""
"""That addition commutes: a right proof."""


def refuted(text: str, evidence: Json) -> Verdict:
    """The verdict on "unsat"."""
    return script(text, "unsat", evidence)


def script_of(claim: str) -> str:
    """A script about two words x and y of four bits."""
    return f"(declare-const x (_ BitVec 4))(declare-const y (_ BitVec 4))(assert {claim})"


def solved_text(text: str) -> bool:
    """Whether the script has a model, as proved by the checker: a model or a refutation found here must be accepted."""
    pytest.importorskip("pysat")
    pytest.importorskip("z3")
    from neurosym_oracles._bitblast_proof import lrat_of
    from neurosym_oracles.z3 import Z3

    problem = Problem("", "smtlib2", {"script": text})
    claim = Z3().solve(problem, Budget())
    proof = lrat_of(problem, Budget())
    assert (proof is None) == (claim.answer != "unsat")
    verdict = script(text, "unsat", {"lrat": proof}) if proof else script(text, claim.answer)
    assert verdict.proved
    return proof is None


def solved(claim: str) -> bool:
    return solved_text(script_of(claim))
