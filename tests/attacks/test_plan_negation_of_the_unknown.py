"""Negative preconditions: what :init does not say is false (closed world). A negation is no deletion, and a goal that
is only negative holds at once.
"""

from __future__ import annotations

from attack import plan

DOMAIN = """(define (domain d) (:requirements :negative-preconditions) (:predicates (p) (q))
(:action go :precondition (not (p)) :effect (q)) (:action set :effect (p)))"""
PROBLEM = "(define (problem x) (:domain d) (:init{}) (:goal {}))"


def test_absent_is_false():
    assert plan("(go)", PROBLEM.format("", "(q)"), DOMAIN).proved
    assert plan("(set)\n(go)", PROBLEM.format("", "(q)"), DOMAIN).status == "wrong"
    assert plan("(go)", PROBLEM.format(" (p)", "(q)"), DOMAIN).status == "wrong"
    assert plan("", PROBLEM.format("", "(not (p))"), DOMAIN).proved
    assert plan("(set)", PROBLEM.format("", "(not (p))"), DOMAIN).status == "wrong"


def test_a_negative_fact_of_init_contradicts_no_one_silently():
    assert plan("", PROBLEM.format(" (p) (not (p))", "(p)"), DOMAIN).status in ("malformed", "undecided", "wrong")
