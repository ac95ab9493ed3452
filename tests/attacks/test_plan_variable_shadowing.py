"""A quantified variable with the name of a parameter: the inner one counts. A validator that substitutes text replaces
both.
"""

from __future__ import annotations

from attack import plan

DOMAIN = """(define (domain d) (:requirements :adl) (:predicates (p ?x) (q))
(:action go :parameters (?x) :precondition (and (p ?x) (exists (?x) (not (p ?x)))) :effect (q)))"""
PROBLEM = "(define (problem x) (:domain d) (:objects a b) (:init (p a){}) (:goal (q)))"


def test_the_inner_variable_counts():
    assert plan("(go a)", PROBLEM.format(""), DOMAIN).proved
    assert plan("(go b)", PROBLEM.format(""), DOMAIN).status == "wrong"
    assert plan("(go a)", PROBLEM.format(" (p b)"), DOMAIN).status == "wrong"
