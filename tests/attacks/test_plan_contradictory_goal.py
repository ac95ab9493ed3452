"""A goal that contradicts itself, P ∧ ¬P: no plan is right, and none is made right by an action that adds and deletes
P.
"""

from __future__ import annotations

from attack import plan

DOMAIN = """(define (domain d) (:predicates (p))
(:action both :effect (and (p) (not (p)))) (:action del :effect (not (p))))"""
PROBLEM = "(define (problem x) (:domain d) (:init) (:goal (and (p) (not (p)))))"


def test_nothing_reaches_it():
    for text in ("", "(both)", "(del)", "(both)\n(del)", "(del)\n(both)"):
        assert plan(text, PROBLEM, DOMAIN).status == "wrong"
