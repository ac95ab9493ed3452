"""Quantifiers nested so that n objects and k of them mean n^k bindings: a validator that unfolds them runs for ever
(ADL benchmarks; IPC's "grounding explosion").
"""

from __future__ import annotations

import time

from attack import plan


def problem(depth, objects, goal="(p)"):
    opened = "".join(f"(forall (?v{n}) (exists (?w{n}) " for n in range(depth))
    names = " ".join(f"o{n}" for n in range(objects))
    domain = "(define (domain q) (:requirements :adl) (:predicates (p) (q ?x)) (:action go :effect (p)))"
    return f"(define (problem r) (:domain q) (:objects {names}) (:init) (:goal {opened}{goal}{'))' * depth}))", domain


def test_they_are_judged_or_stopped():
    assert plan("(go)", *problem(2, 3)).proved
    assert plan("", *problem(2, 3)).status == "wrong"
    start = time.thread_time()
    verdict = plan("(go)", *problem(20, 20, "(or (p) (q ?v0))"))
    assert verdict.status == "undecided" and verdict.reason in ("timeout", "unsupported")
    assert time.thread_time() - start < 60


def test_in_an_effect_too():
    opened = "".join(f"(forall (?v{n}) " for n in range(12))
    names = " ".join(f"o{n}" for n in range(20))
    domain = f"(define (domain q) (:predicates (p) (q ?x)) (:action go :effect (and (p) {opened}(q ?v0){')' * 12})))"
    verdict = plan("(go)", f"(define (problem r) (:domain q) (:objects {names}) (:init) (:goal (p)))", domain)
    assert (verdict.status, verdict.reason) == ("undecided", "timeout")
