"""Actions that cost nothing: a search that stops at the first goal it meets, or takes costs for steps, is fooled.

Source: zero-cost actions in the domains of the competitions (Richter and Westphal, "The LAMA planner", JAIR 39, 2010).
"""

from __future__ import annotations

from attack import formal

DOMAIN = """(define (domain d) (:requirements :action-costs) (:predicates (p) (q) (g)) (:functions (total-cost))
(:action dear :effect (and (g) (increase (total-cost) 1)))
(:action one :effect (and (p) (increase (total-cost) 0)))
(:action two :precondition (p) :effect (and (q) (increase (total-cost) 0)))
(:action three :precondition (q) :effect (and (g) (increase (total-cost) 0.5))))"""
PROBLEM = "(define (problem x) (:domain d) (:init) (:goal (g)) (:metric minimize (total-cost)))"


def judged(plan: str, problem: str = PROBLEM):
    verdict = formal("pddl", {"domain": DOMAIN, "problem": problem}, {"plan": plan, "optimal": True})
    return verdict.status, verdict.detail


def test_the_shorter_plan_is_not_the_cheaper_one():
    assert judged("(dear)") == ("wrong", "valid plan of 1 steps, cost 1, but one of cost 1/2 exists")
    assert judged("(one)\n(two)\n(three)")[0] == "correct"
    assert judged("(one)\n(one)\n(two)\n(three)")[0] == "correct"  # longer, and none is cheaper
    assert judged("(one)\n(dear)")[0] == "wrong"


def test_without_a_metric_steps_count():
    plain = PROBLEM.replace("(:metric minimize (total-cost))", "")
    assert judged("(dear)", plain)[0] == "correct"
    assert judged("(one)\n(two)\n(three)", plain)[0] == "wrong"
