"""A step whose precondition does not hold: at the start, after it was deleted, or because the step that makes it true
comes later.
"""

from __future__ import annotations

import pytest
from attack import plan


@pytest.mark.parametrize(
    "text", ["(press a y)", "(press a x)\n(unplug b y)\n(press b y)", "(press b x)\n(press a x)\n(press b y)"]
)
def test_every_precondition_is_checked(text):
    verdict = plan(text)
    assert verdict.status == "wrong" and "unsatisfied precondition" in verdict.detail
