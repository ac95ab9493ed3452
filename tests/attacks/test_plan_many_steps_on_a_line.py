"""Several steps on a line, or one step on several: formats differ in whether they are one step, parallel steps, or one
after the other (SATPLAN writes parallel steps with one time).
"""

from __future__ import annotations

import pytest
from attack import plan


@pytest.mark.parametrize(
    "text",
    [
        "(press a x) (press b y)",
        "(press a x)(press b y)",
        "((press a x) (press b y))",
        "(press\na x)\n(press b y)",
        "(and (press a x) (press b y))",
        "(press a x), (press b y)",
        "press a x\npress b y",
    ],
)
def test_one_line_is_one_step(text):
    assert plan(text).status == "malformed"
