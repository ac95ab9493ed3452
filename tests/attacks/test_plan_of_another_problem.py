"""A right plan of another problem, a renamed one, or of the same with its goal turned: nothing is remembered between
problems.
"""

from __future__ import annotations

from attack import PLAN, ROOM, plan


def test_a_plan_is_right_for_its_problem_only():
    other = ROOM.replace("(wired a x) (wired b y)", "(wired a y) (wired b x)")
    for _ in range(2):
        assert plan(PLAN).proved
        assert plan(PLAN, other).status == "wrong"
        assert plan("(press a y)\n(press b x)", other).proved
        assert plan(PLAN, ROOM.replace("(lit y)", "(not (lit y))")).status == "wrong"
