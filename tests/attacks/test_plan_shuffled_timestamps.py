"""Timestamped steps in another order: VAL and others sort them by time, and so accept a list that is no plan in the
order in which it stands (PDDL 2.1 plan format, `0.00: (step) [1.00]`).
"""

from __future__ import annotations

import pytest
from attack import plan


@pytest.mark.parametrize(
    "text",
    [
        "0: (press a x)\n1: (press b y)",
        "1: (press b y)\n0: (press a x)",
        "0.000: (press a x) [1.000]\n1.000: (press b y) [1.000]",
        "0.00300: (press b y)\n0.00100: (press a x)",
        "(press a x) [1.0]\n(press b y)",
        "nan: (press a x)\nnan: (press b y)",
        "step 0: (press a x)\n1: (press b y)",
        "1. (press a x)\n2. (press b y)",
    ],
)
def test_steps_have_no_times(text):
    verdict = plan(text)
    assert verdict.status == "malformed" and verdict.detail.startswith("line 1: ")
