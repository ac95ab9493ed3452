"""Evidence that asserts the answer, or lowers the bar: the checker integrates by itself, and looks at no evidence."""

import pytest
from trajectory_attack import STATES
from trajectory_samples import CHECKER, SWING, problem

from neurosym.core import Budget, Claim

SHIFTED = [["2.5", "0.3"], *STATES[:2]]


@pytest.mark.parametrize(
    "evidence",
    [None, "correct", True, {"states": SHIFTED}, {"tolerance": "1"}, {"error": 0}, {"proved": True}, [[]]],
    ids=str,
)
def test_no_evidence_makes_a_lie_right(evidence):
    lie = CHECKER.check(problem(SWING), Claim({"states": SHIFTED}, evidence, {"status": "correct"}), Budget())
    assert lie.status == "wrong"
    assert CHECKER.check(problem(SWING), Claim({"states": STATES}, evidence), Budget()).proved
