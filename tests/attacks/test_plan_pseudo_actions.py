"""Steps that planners write and no domain has: REACH-GOAL (FF), noop, `begin` and `end`, and words that end a plan."""

from __future__ import annotations

import pytest
from attack import plan


@pytest.mark.parametrize(
    "step", ["(reach-goal)", "(noop)", "(no-op a)", "(end)", "(goal)", "(:goal)", "(nil)", "(stop)", "()"]
)
def test_they_are_no_steps(step):
    assert plan(f"(press a x)\n{step}\n(press b y)").status in ("wrong", "malformed")
    assert plan(step).status in ("wrong", "malformed")
