"""What the attacks on Rocq share: a theorem that is true, one that is not, and whoever checks a script."""

from __future__ import annotations

import shutil

import pytest
from neurosym_oracles.rocq_checker import RocqChecker

from neurosym.core import Budget, Claim, Problem, Verdict

TRUE = "forall A B : Prop, A /\\ B -> B /\\ A"
PROOF = "intros A B H. destruct H as [a b]. split.\n- exact b.\n- exact a."
FALSE = "forall A B : Prop, A \\/ B -> A"

needs_rocq = pytest.mark.skipif(shutil.which("coqc") is None, reason="needs Rocq: apt-get install coq")


def judged(script: object, statement: str = TRUE, header: str = "", seconds: float = 60) -> Verdict:
    return RocqChecker().check(
        Problem("", "rocq", {"header": header, "statement": statement}), Claim(script), Budget(seconds=seconds)
    )


def refused(script: object, reason: str, statement: str = FALSE, header: str = "") -> None:
    """The verdict is malformed, and says why."""
    verdict = judged(script, statement, header)
    assert verdict.status == "malformed", verdict
    assert reason in verdict.detail, verdict
