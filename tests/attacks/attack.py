"""What the attacks on model texts share: a small problem of each task family, and a text that answers it rightly.

An attack changes the right text, or forges one, and asks `judge`, as evaluations and rewards do.
"""

from __future__ import annotations

from functools import cache

import pytest

import neurosym as ns
from neurosym.check import check
from neurosym.core import Claim, Json, Problem, Record, Verdict

_SAMPLED = {
    "blocksworld": ({"blocks": 3}, "(pick-up y)\n(stack y b)"),
    "logistics": (
        {"cities": 1, "packages": 1, "airplanes": 1},
        "(drive-truck t1 l1 l2 c1)\n(load-truck p1 t1 l2)\n(drive-truck t1 l2 l1 c1)\n(unload-truck p1 t1 l1)",
    ),
    "random_ksat": ({"variables": 5, "density": 400}, "sat -1 2 -3 -4 -5"),
    "graph_coloring": ({"vertices": 5, "density": 120}, "1 2 2 3 3"),
    "linear_integer": ({"variables": 2, "constraints": 2}, "x = 6, y = 2"),
}

TOGGLE = """(define (domain toggle) (:requirements :strips :typing)
(:types lamp switch)
(:predicates (lit ?l - lamp) (wired ?s - switch ?l - lamp))
(:action press :parameters (?s - switch ?l - lamp) :precondition (wired ?s ?l) :effect (lit ?l))
(:action unplug :parameters (?s - switch ?l - lamp) :precondition (wired ?s ?l)
 :effect (and (not (wired ?s ?l)) (not (lit ?l)))))
"""
ROOM = """(define (problem room) (:domain toggle) (:objects a b - switch x y - lamp)
(:init (wired a x) (wired b y)) (:goal (and (lit x) (lit y))))
"""
PLAN = "(press a x)\n(press b y)"
"""Lamps and their switches, for attacks on plans; a plan that lights both."""

_GIVEN = {
    "pddl_files": ("pddl", {"domain": TOGGLE, "problem": ROOM}, PLAN),
    "cnf_files": ("cnf", {"dimacs": "p cnf 3 3\n1 2 0\n-1 3 0\n-2 -3 0\n"}, "sat 1 -2 3"),
    "smtlib2_files": ("smtlib2", {"script": "(declare-const x Int)(assert (> x 3))(check-sat)"}, 'sat {"x":4}'),
}

FAMILIES = (*_SAMPLED, *_GIVEN)
every_family = pytest.mark.parametrize("family", FAMILIES)


@cache
def problem(family: str) -> Problem:
    if family in _SAMPLED:
        return ns.domain(family, **_SAMPLED[family][0]).sample(ns.stream("attacks", family))
    return Problem(family, *_GIVEN[family][:2])


def right(family: str) -> str:
    """A right answer to the family's problem, as a model should write it."""
    return (_SAMPLED | _GIVEN)[family][-1]


@cache
def record(family: str) -> Record:
    """The family's problem with its proved answer, as a lake holds it."""
    task = ns.domain(family)
    claim = Claim(task.parse(problem(family), right(family)))
    verdict = check(problem(family), claim)
    assert verdict.proved, (family, verdict)
    return Record(problem(family), task.prompt(problem(family)), right(family), claim, verdict, "", "", "", "")


def judged(family: str, text: str) -> str:
    """The status of a text as an answer to the family's problem, or the reason why it is undecided."""
    verdict = ns.judge(record(family), text)
    return str(verdict.reason or verdict.status)


def told(verdict: Verdict) -> str:
    return str(verdict.reason or verdict.status)


def formal(kind: str, payload: Json, answer: Json, evidence: Json = None) -> Verdict:
    """The verdict on a formal answer, as `python -m neurosym.check` gives it."""
    return check(Problem("", kind, payload), Claim(answer, evidence))


def plan(text: str, problem: str = ROOM, domain: str = TOGGLE) -> Verdict:
    """The verdict on the text of a plan."""
    return formal("pddl", {"domain": domain, "problem": problem}, text)


def script(text: str, answer: Json, evidence: Json = None) -> Verdict:
    """The verdict on an answer to an SMT-LIB script."""
    return formal("smtlib2", {"script": text}, answer, evidence)
