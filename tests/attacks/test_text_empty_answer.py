"""No answer: empty text, blanks, a lone bracket, an ellipsis. Where an empty plan is right, it is said in words."""

from __future__ import annotations

import pytest
from attack import every_family, judged, plan


@every_family
@pytest.mark.parametrize(
    "text", ["", " ", "\n\n", "\t", "…", "...", "-", "()", "[]", "{}", "null", ";", "; nothing", "sat"]
)
def test_nothing_is_no_answer(family, text):
    assert judged(family, text) == "malformed"


def test_the_empty_plan_is_a_plan_and_right_only_where_the_goal_holds():
    done = "(define (problem r) (:domain toggle) (:objects x - lamp) (:init (lit x)) (:goal (lit x)))"
    assert plan("", done).proved
    assert plan("").status == "wrong"
    assert judged("pddl_files", "empty plan") == "wrong"
