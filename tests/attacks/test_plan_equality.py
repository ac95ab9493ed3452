"""Equality of objects: two names are two objects, two parameters may be one. Validators that demand different
arguments, or that compare variables by name, err both ways.
"""

from __future__ import annotations

from attack import plan

DOMAIN = """(define (domain d) (:requirements :equality) (:predicates (p) (q))
(:action same :parameters (?x ?y) :precondition (= ?x ?y) :effect (p))
(:action other :parameters (?x ?y) :precondition (not (= ?x ?y)) :effect (p)))"""
PROBLEM = "(define (problem x) (:domain d) (:objects a b) (:init) (:goal (p)))"


def test_equality_is_of_objects():
    assert plan("(same a a)", PROBLEM, DOMAIN).proved and plan("(other a b)", PROBLEM, DOMAIN).proved
    assert plan("(same a A)", PROBLEM, DOMAIN).proved
    assert plan("(same a b)", PROBLEM, DOMAIN).status == plan("(other a a)", PROBLEM, DOMAIN).status == "wrong"
