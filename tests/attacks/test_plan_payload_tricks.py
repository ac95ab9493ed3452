"""Payloads that two readers read differently: sections twice, objects twice, another domain's problem, text after the
end, unclosed brackets, a domain in place of the problem.
"""

from __future__ import annotations

import pytest
from attack import ROOM, TOGGLE, plan

PLAN = "(press a x)\n(press b y)"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("(:goal", "(:goal (and)) (:goal"),
        ("(:init", "(:init (lit x) (lit y)) (:init"),
        ("(:domain toggle)", "(:domain other)"),
        ("(lit y))))", "(lit y)))) (define (problem q))"),
        ("(lit y))))", "(lit y)))"),
        ("a b - switch", "a b - switch a - lamp"),
        ("(problem room)", "(domain room)"),
        ("(lit x)", "(lit w)"),
        ("(lit x)", "(lit)"),
        ("(lit x)", "(lit x y)"),
        ("(lit x)", "lit x"),
        ("(:goal (and", "(:goal (xor"),
        ("(:goal", "(:gaol"),
        ("x y - lamp", "x y - lampe"),
        ("(:objects", "(:objects ?v"),
    ],
)
def test_a_problem_with_two_readings_is_none(old, new):
    assert old in ROOM and plan(PLAN).proved
    verdict = plan(PLAN, ROOM.replace(old, new, 1))
    assert verdict.status == "malformed" or verdict.reason == "unsupported"
    assert verdict.detail


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("(:action unplug", "(:action press"),
        ("(lit ?l - lamp)", "(lit ?l - lamp) (lit ?s - switch)"),
        ("lamp switch)", "lamp - switch switch - lamp)"),
        (":effect (lit ?l))", ":effect (lit ?l) :effect (and))"),
        ("(?s - switch ?l - lamp)", "(?s - switch ?s - lamp)"),
        (":effect (lit ?l)", ":effect (glow ?l)"),
        (":effect (lit ?l)", ":effect (lit ?z)"),
        (":effect (lit ?l)", ":effect (imply (lit ?l) (lit ?l))"),
    ],
)
def test_so_is_a_domain(old, new):
    assert old in TOGGLE
    verdict = plan(PLAN, ROOM, TOGGLE.replace(old, new, 1))
    assert verdict.status == "malformed" or verdict.reason == "unsupported"
