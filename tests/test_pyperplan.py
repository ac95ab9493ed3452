"""Pyperplan as the second planner: shortest plans, exhausted searches, and no word on what it may misread."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import metadata

import pytest
from neurosym_domains.blocksworld import Blocksworld
from neurosym_domains.logistics import Logistics
from neurosym_oracles.pyperplan import GROUND_ACTIONS, Pyperplan
from reference_simulators import blocksworld_valid, logistics_valid

from neurosym.core import Budget, MalformedProblem, Problem, Reason, Undecided, stream

pytest.importorskip("pyperplan")

DOMAIN = """(define (domain paint) (:requirements :strips :typing)
  (:types thing - object wall - thing)
  (:predicates (wet ?x - thing) (dry ?x - thing) (mine ?x))
  (:action brush :parameters (?x - wall) :precondition (and (dry ?x) (mine ?x))
    :effect (and (wet ?x) (not (dry ?x)))))"""
PROBLEM = """(define (problem p) (:domain paint) (:objects w v - wall u - thing)
  (:init (dry w) (dry u) (mine w) (mine u)) (:goal (and (wet w))))"""


def problem(domain: str = DOMAIN, text: str = PROBLEM) -> Problem:
    return Problem("test", "pddl", {"domain": domain, "problem": text})


def solve(item: Problem, **budget) -> str:
    return Pyperplan().solve(item, Budget(**budget)).answer


def undecided(item: Problem, **budget) -> Undecided:
    with pytest.raises(Undecided) as caught:
        Pyperplan().solve(item, Budget(**budget))
    return caught.value


def shortest(start: tuple, goal: tuple) -> int:
    """The number of moves between two states of towers, by a breadth-first search that knows no PDDL."""
    depth, layer, seen = 0, {start}, {start}
    while goal not in layer:
        layer = {after for towers in layer for after in moves(towers)} - seen
        seen |= layer
        depth += 1
    return depth


def moves(state: tuple) -> set[tuple]:
    held, towers = state
    if held is None:
        return {(tower[-1], towers - {tower} | ({tower[:-1]} - {()})) for tower in towers}
    return {(None, towers | {(held,)})} | {(None, towers - {tower} | {(*tower, held)}) for tower in towers}


def test_plans_are_valid_and_as_short_as_can_be():
    from neurosym_domains import _blocksworld as blocksworld

    for item in range(12):
        drawn = Blocksworld(blocks=4).sample(stream(item))
        claim = Pyperplan().solve(drawn, Budget())
        assert blocksworld_valid(drawn.payload["problem"], claim.answer)
        _, start, goal = blocksworld._decode(drawn)
        states = [(None, frozenset(map(tuple, towers))) for towers in (start, goal)]
        assert claim.metrics["plan_length"] == len(claim.answer.splitlines()) == shortest(*states)
        assert claim.metrics["optimality"] == "asserted" and claim.metrics["expansions"] > 0
    for item in range(3):
        drawn = Logistics(cities=2, locations=2, packages=2).sample(stream(item))
        assert logistics_valid(drawn.payload["problem"], solve(drawn))


def test_types_statics_and_empty_plans():
    assert solve(problem()) == "(brush w)"
    assert solve(problem(text=PROBLEM.replace("(and (wet w))", "(dry w)"))) == ""
    assert solve(problem(text=PROBLEM.upper() + " ; Ünicode")) == "(brush w)"


@pytest.mark.parametrize("goal", ["(wet u)", "(wet v)", "(and (wet w) (dry w))"])
def test_unsolvable(goal):
    claim = Pyperplan().solve(problem(text=PROBLEM.replace("(and (wet w))", goal)), Budget())
    assert claim.answer == "unsolvable" and claim.metrics["expansions"] >= 1


@pytest.mark.parametrize(
    "domain",
    [
        DOMAIN.replace("(and (dry ?x) (mine ?x))", "(and (dry ?x) (not (wet ?x)))"),
        DOMAIN.replace("(and (dry ?x) (mine ?x))", "(not (wet ?x))"),
        DOMAIN.replace("(and (dry ?x) (mine ?x))", "(or (dry ?x) (mine ?x))"),
        DOMAIN.replace("(and (dry ?x) (mine ?x))", "(imply (mine ?x) (dry ?x))"),
        DOMAIN.replace("(and (dry ?x) (mine ?x))", "(exists (?y) (mine ?y))"),
        DOMAIN.replace("(and (dry ?x) (mine ?x))", "(forall (?y) (mine ?y))"),
        DOMAIN.replace("(and (dry ?x) (mine ?x))", "(= ?x ?x)"),
        DOMAIN.replace("(and (wet ?x) (not (dry ?x)))", "(when (mine ?x) (wet ?x))"),
        DOMAIN.replace("(and (wet ?x) (not (dry ?x)))", "(and (wet ?x) (increase (total-cost) 1))"),
        DOMAIN.replace("(:predicates", "(:functions (total-cost)) (:predicates"),
        DOMAIN.replace("(?x - wall)", "(?x - (either wall thing))"),
        DOMAIN.replace(":typing", ":typing :negative-preconditions"),
        DOMAIN.replace(":typing", ":adl"),
        DOMAIN.replace("thing - object", "thing - wall"),
        DOMAIN.replace("thing - object", "object - object thing - object"),
        DOMAIN.replace("(mine ?x))\n", "(mine ?x) (not ?x))\n").replace("(and (dry ?x)", "(and (not ?x) (dry ?x)"),
        DOMAIN.replace("(:predicates (wet", "(:predicates (and ?x) (wet"),
        DOMAIN.replace("(?x - wall)", "(?x - wall ?x - thing)"),
        DOMAIN.replace("(and (wet ?x)", "(and (wet ?y)"),
        DOMAIN.replace("(and (wet ?x)", "(and (wet nobody)"),
        DOMAIN.replace(":parameters (?x - wall) :precondition (and (dry ?x) (mine ?x))", ""),
        DOMAIN.replace("(:action", "(:derived (wet ?x) (dry ?x)) (:action"),
        DOMAIN.replace("brush", "brush.*"),
        DOMAIN.replace("wall", "wäll"),
        DOMAIN.replace("thing", "\u212aing"),
        DOMAIN[:-1],
        DOMAIN + ")",
        "",
    ],
)
def test_what_is_not_plainly_strips_is_unsupported(domain):
    assert undecided(problem(domain)).reason is Reason.UNSUPPORTED


@pytest.mark.parametrize(
    "text",
    [
        PROBLEM.replace("(and (wet w))", "(not (dry w))"),
        PROBLEM.replace("(and (wet w))", "(and (not (dry w)))"),
        PROBLEM.replace("(and (wet w))", "(and (and (wet w)))"),
        PROBLEM.replace("(dry u)", "(not (dry u))"),
        PROBLEM.replace("(dry u)", "(= (total-cost) 0)"),
        PROBLEM[:-1] + " (:metric minimize (total-cost)))",
        PROBLEM.replace("w v - wall", "w v - (either wall thing)"),
        PROBLEM.replace("w v - wall", "w w - wall"),
        PROBLEM.replace("w v - wall", "w v - floor"),
        PROBLEM.replace("(:domain paint)", "(:domain point)"),
        "(" * 100_000,
        "",
    ],
)
def test_what_is_not_a_plain_problem_is_unsupported(text):
    assert undecided(problem(text=text)).reason is Reason.UNSUPPORTED


@pytest.mark.parametrize("payload", [{}, {"domain": DOMAIN}, {"domain": DOMAIN, "problem": 7}])
def test_a_payload_of_another_form_is_malformed(payload):
    with pytest.raises(MalformedProblem):
        Pyperplan().solve(Problem("test", "pddl", payload), Budget())


def test_a_large_grounding_is_not_begun():
    many = " ".join(f"w{number}" for number in range(60))
    wide = DOMAIN.replace("(?x - wall)", "(?x ?y ?z - wall)")
    assert GROUND_ACTIONS < 60**3
    assert undecided(problem(wide, PROBLEM.replace("w v", f"w v {many}"))).reason is Reason.UNSUPPORTED


def test_budgets():
    drawn = Blocksworld(blocks=6).sample(stream("budget"))
    expansions = Pyperplan().solve(drawn, Budget()).metrics["expansions"]
    assert solve(drawn, steps=expansions)
    assert undecided(drawn, steps=expansions - 1).reason is Reason.TIMEOUT
    assert undecided(Blocksworld(blocks=9).sample(stream(1)), seconds=0.2).reason is Reason.TIMEOUT
    assert undecided(Blocksworld(blocks=9).sample(stream(1)), memory_mb=1).reason is Reason.MEMORY


def test_the_same_plan_whatever_the_hash_seed():
    code = """
from neurosym.core import Budget, stream
from neurosym_domains.blocksworld import Blocksworld
from neurosym_domains.logistics import Logistics
from neurosym_oracles.pyperplan import Pyperplan
for domain in (Blocksworld(blocks=5), Logistics(cities=2, locations=2, packages=2)):
    for item in range(8):
        print(Pyperplan().solve(domain.sample(stream(item)), Budget()))
"""
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code], env=os.environ | {"PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("0", "1", "2")
    }
    assert len(outputs) == 1 and outputs.pop().count(b"Claim") == 16


def test_a_missing_package_is_named(monkeypatch):
    def missing(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", missing)
    assert undecided(problem()).reason is Reason.TOOL_MISSING
    with pytest.raises(Undecided, match="neurosym-engine\\[planners\\]"):
        Pyperplan().version()


def test_plans_are_correct_to_the_checker():
    checker = pytest.importorskip("neurosym_oracles.pddl_checker").PddlChecker()
    for item in (problem(), Blocksworld(blocks=5).sample(stream(1)), Logistics(packages=1).sample(stream(1))):
        assert checker.check(item, Pyperplan().solve(item, Budget()), Budget()).proved
