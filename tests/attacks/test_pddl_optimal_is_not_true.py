"""What is not plainly {"plan": text, "optimal": true}: a word, a number or a second key for true, or a plan in a plan.

Source: duck typing in checkers written in Python, where 1, "false" and [0] are true.
"""

from __future__ import annotations

import pytest
from attack import PLAN, ROOM, TOGGLE, formal


@pytest.mark.parametrize("optimal", [1, 0, False, None, "true", "false", [True], {"optimal": True}])
def test_it_is_malformed(optimal):
    answer = {"plan": PLAN, "optimal": optimal}
    assert formal("pddl", {"domain": TOGGLE, "problem": ROOM}, answer).status == "malformed"


@pytest.mark.parametrize(
    "answer",
    [
        {"plan": PLAN, "optimal": True, "cost": 2},
        {"plan": PLAN, "Optimal": True},
        {"plan": {"plan": PLAN, "optimal": True}, "optimal": True},
        {"plan": [PLAN], "optimal": True},
        {"plan": "unsolvable", "optimal": True},
        [{"plan": PLAN, "optimal": True}],
        f'{{"plan": "{PLAN}", "optimal": true}}',
        {"unsolvable": True},
        ["unsolvable"],
        "unsolvable.",
        "UNSOLVABLE",
        "unsolvable\n",
        f"unsolvable\n{PLAN}",
    ],
)
def test_so_is_any_other_shape(answer):
    assert formal("pddl", {"domain": TOGGLE, "problem": ROOM}, answer).status == "malformed"
