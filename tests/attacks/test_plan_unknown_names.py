"""Actions and objects that do not exist, or are the name of something else: a type, a predicate, a variable, a
requirement.
"""

from __future__ import annotations

import pytest
from attack import plan


@pytest.mark.parametrize(
    ("step", "why"),
    [
        ("(pres a x)", "unknown action"),
        ("(lit x)", "unknown action"),
        ("(toggle a x)", "unknown action"),
        ("(and)", "unknown action"),
        ("(press_a_x)", "unknown action"),
        ("(press a z)", "undeclared object"),
        ("(press switch lamp)", "undeclared object"),
        ("(press a object)", "undeclared object"),
        ("(press a 0)", "undeclared object"),
    ],
)
def test_a_name_must_be_declared(step, why):
    verdict = plan(f"{step}\n(press a x)\n(press b y)")
    assert verdict.status == "wrong" and why in verdict.detail


@pytest.mark.parametrize(
    "step",
    ["(press ?s ?l)", "(press a |x|)", '(press a "x")', "(press a, x)", "press(a, x)", "(press (a) x)", "[press a x]"],
)
def test_a_variable_or_a_call_is_no_step(step):
    assert plan(f"{step}\n(press a x)\n(press b y)").status == "malformed"
