"""The output of a planner or a validator in place of a plan: "Plan valid", "Solution Found", a log with the plan
inside.
"""

from __future__ import annotations

import pytest
from attack import PLAN, plan


@pytest.mark.parametrize(
    "text",
    [
        "Plan valid\nFinal value: 2",
        "Solution found!\n" + PLAN,
        "Plan executed successfully - checking goal\nPlan valid",
        "ff: found legal plan as follows\n" + PLAN,
        "press a x (1)\npress b y (1)\nPlan length: 2 step(s).",
        PLAN + "\nPlan valid",
        "Checking plan: p\n" + PLAN,
        "begin_plan\n" + PLAN + "\nend_plan",
    ],
)
def test_a_log_is_no_plan(text):
    assert plan(text).status == "malformed"
