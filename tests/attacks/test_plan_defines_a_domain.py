"""A plan text that brings its own domain, problem or facts: tools that read all files into one namespace let it
redefine actions.
"""

from __future__ import annotations

import pytest
from attack import ROOM, TOGGLE, plan


@pytest.mark.parametrize(
    "text",
    [
        TOGGLE,
        ROOM,
        "(define (domain toggle) (:action press :effect (lit ?x)))",
        "(:init (lit x) (lit y))",
        "(:goal (and))",
        "(= (total-cost) 0)",
    ],
)
def test_a_plan_has_steps_only(text):
    for both in (text, f"{text}\n(press a x)\n(press b y)"):
        assert plan(both).status in ("malformed", "wrong")
