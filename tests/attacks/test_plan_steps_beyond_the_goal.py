"""Steps after the goal is reached that cannot be applied: the plan is invalid, goal or no goal."""

from __future__ import annotations

from attack import plan


def test_every_step_must_apply():
    verdict = plan("(press a x)\n(press b y)\n(press a y)")
    assert verdict.status == "wrong" and "step 3" in verdict.detail
