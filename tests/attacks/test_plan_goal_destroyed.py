"""A plan that reaches the goal and leaves it again: a reader that stops at the first goal state says valid."""

from __future__ import annotations

from attack import plan


def test_the_goal_must_hold_at_the_end():
    assert plan("(press a x)\n(press b y)").proved
    verdict = plan("(press a x)\n(press b y)\n(unplug a x)")
    assert verdict.status == "wrong" and "goal not reached" in verdict.detail
