"""Quantifiers over a type without objects: forall is true and exists is false. A validator that grounds to no conjunct,
or none to choose from, may say the contrary.
"""

from __future__ import annotations

from attack import plan

DOMAIN = """(define (domain d) (:requirements :adl) (:types t u) (:predicates (p ?x - t))
(:action go :effect (forall (?x - t) (p ?x))))"""
PROBLEM = "(define (problem x) (:domain d) (:objects o - u) (:init) (:goal {}))"


def test_forall_is_true_and_exists_is_false():
    assert plan("", PROBLEM.format("(forall (?x - t) (p ?x))"), DOMAIN).proved
    assert plan("", PROBLEM.format("(exists (?x - t) (p ?x))"), DOMAIN).status == "wrong"
    assert plan("(go)", PROBLEM.format("(exists (?x - t) (p ?x))"), DOMAIN).status == "wrong"
    assert plan("", PROBLEM.format("(forall (?x - t) (not (p ?x)))"), DOMAIN).proved
