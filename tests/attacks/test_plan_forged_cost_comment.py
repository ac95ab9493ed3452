"""A comment that states a cost: `; cost = 0 (unit cost)`. Some scripts read a planner's cost from there; here it is
added up.
"""

from __future__ import annotations

from attack import formal

DOMAIN = """(define (domain tolls) (:requirements :action-costs) (:predicates (here) (there))
(:functions (total-cost) - number)
(:action go :precondition (here) :effect (and (there) (increase (total-cost) 7))))"""
PROBLEM = """(define (problem p) (:domain tolls) (:init (here) (= (total-cost) 0)) (:goal (there))
(:metric minimize (total-cost)))"""


def test_the_cost_is_what_the_steps_cost():
    payload = {"domain": DOMAIN, "problem": PROBLEM}
    verdict = formal("pddl", payload, "(go)\n; cost = 0 (general cost)")
    assert verdict.proved and verdict.detail.endswith("cost 7")
    cheap = formal("pddl", payload, {"plan": "(go)\n(go)\n; cost = 0 (general cost)", "optimal": True})
    assert not cheap.proved
