"""Conditional effects that see each other: their conditions are judged in the state before the action (PDDL 2.1). A
simulator that applies them one after the other accepts wrong plans.
"""

from __future__ import annotations

from attack import plan

DOMAIN = """(define (domain d) (:requirements :adl) (:predicates (p) (q) (r))
(:action go :effect (and (p) (when (p) (q)) (when (not (p)) (r)))))"""
PROBLEM = "(define (problem x) (:domain d) (:init) (:goal {}))"


def test_conditions_are_judged_before():
    assert plan("(go)", PROBLEM.format("(and (p) (r))"), DOMAIN).proved
    assert plan("(go)", PROBLEM.format("(q)"), DOMAIN).status == "wrong"
    assert plan("(go)\n(go)", PROBLEM.format("(q)"), DOMAIN).proved


def test_swapping_is_no_copying():
    swap = """(define (domain d) (:requirements :adl) (:predicates (a) (b)) (:action swap :effect (and
(when (a) (and (b) (not (a)))) (when (b) (and (a) (not (b)))))))"""
    start = "(define (problem x) (:domain d) (:init (a)) (:goal {}))"
    assert plan("(swap)", start.format("(and (b) (not (a)))"), swap).proved
    assert plan("(swap)", start.format("(and (a) (b))"), swap).status == "wrong"
