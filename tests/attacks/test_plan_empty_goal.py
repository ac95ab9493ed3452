"""An empty goal: `(:goal (and))` holds everywhere and `(:goal ())` is written for it; `(:goal (or))` holds nowhere. A
checker that finds no atom to test says yes to all three.
"""

from __future__ import annotations

from attack import ROOM, plan


def with_goal(goal):
    return ROOM.replace("(and (lit x) (lit y))", goal)


def test_an_empty_goal_says_what_logic_says():
    assert plan("", with_goal("(and)")).proved
    assert plan("(press a x)", with_goal("(and)")).proved
    assert plan("(press a y)", with_goal("(and)")).status == "wrong"
    assert plan("", with_goal("(or)")).status == "wrong"
    assert plan("", with_goal("(not (and))")).status == "wrong"


def test_no_goal_at_all_is_no_problem():
    assert plan("", ROOM.replace("(:goal (and (lit x) (lit y)))", "")).status == "malformed"
    assert plan("", with_goal("").replace("(:goal )", "(:goal)")).status == "malformed"
