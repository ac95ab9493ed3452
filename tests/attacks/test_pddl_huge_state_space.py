"""Small texts with more states, operators or courses than fit: an answer about all of them is undecided, and soon.

Source: state explosion; the compilation of conditional effects is exponential (Nebel, JAIR 12, 2000).
"""

from __future__ import annotations

import time

import pytest
from neurosym_oracles.pddl_checker import PddlChecker

from neurosym.core import Budget, Claim, Problem

MANY = " ".join(f"o{number}" for number in range(60))
GOAL = "(:init) (:goal (and (never) (forall (?x) (p ?x)))))"
NEVER = "(:action never :parameters (?x) :precondition (never) :effect (and (never) (not (p ?x)))))"

STATES = """(define (domain d) (:predicates (never) (p ?x))
(:action on :parameters (?x) :effect (p ?x)) (:action off :parameters (?x) :effect (not (p ?x)))
"""
OPERATORS = """(define (domain d) (:predicates (never) (p ?x) (q ?a ?b ?c ?d ?e ?f))
(:action all :parameters (?a ?b ?c ?d ?e ?f) :precondition (not (q ?a ?b ?c ?d ?e ?f))
 :effect (and (p ?a) (q ?a ?b ?c ?d ?e ?f)))
"""
COURSES = """(define (domain d) (:predicates (never) (p ?x))
(:action flip :effect (forall (?x) (and (when (p ?x) (not (p ?x))) (when (not (p ?x)) (p ?x)))))
"""


@pytest.mark.parametrize("domain", [STATES, OPERATORS, COURSES])
@pytest.mark.parametrize("seconds", [60.0, 0.2])
def test_it_is_undecided(domain, seconds):
    text = f"(define (problem x) (:domain d) (:objects {MANY}) {GOAL}"
    problem = Problem("", "pddl", {"domain": domain + NEVER, "problem": text})
    start = time.thread_time()
    verdict = PddlChecker().check(problem, Claim("unsolvable"), Budget(steps=3_000_000, seconds=seconds))
    assert verdict.status == "undecided" and verdict.reason in ("timeout", "memory")
    assert time.thread_time() - start < 3


def test_memory_is_counted():
    text = f"(define (problem x) (:domain d) (:objects {MANY}) {GOAL}"
    problem = Problem("", "pddl", {"domain": STATES + NEVER, "problem": text})
    verdict = PddlChecker().check(problem, Claim("unsolvable"), Budget(memory_mb=2))
    assert (verdict.status, verdict.reason, verdict.detail) == ("undecided", "memory", "more than 10485 states")
