"""Courses of actions: in every state, exactly what can be done there, as a planner that tries everything sees it."""

from __future__ import annotations

import random
from collections import Counter
from fractions import Fraction
from itertools import product

import pytest
from brute_force_planner import Planner, State
from neurosym_oracles._kernels.pddl_courses import courses, goals
from neurosym_oracles._kernels.pddl_domain import parse_domain
from neurosym_oracles._kernels.pddl_problem import Task, parse_problem
from neurosym_oracles._kernels.pddl_world import Meter, OutOfBudget
from pddl_samples import FAMILIES, LIFT, LIFT_PROBLEM, RandomTask


def meter() -> Meter:
    return Meter(10**7, 60)


class Courses:
    """The courses of a task, kept."""

    def __init__(self, task: Task) -> None:
        self.actions = [course._replace(answers=dict(course.answers)) for course in courses(task, meter())]
        self.goals = [dict(answers) for answers in goals(task, meter())]

    def steps(self, state: State) -> Counter[tuple[Fraction, State]]:
        return Counter(
            (course.cost, state - frozenset(course.false) | frozenset(course.true))
            for course in self.actions
            if all((atom in state) == answer for atom, answer in course.answers.items())
        )

    def at_the_goal(self, state: State) -> int:
        return sum(all((atom in state) == answer for atom, answer in answers.items()) for answers in self.goals)


def compare(domain: str, problem: str, states: int, rng: random.Random) -> int:
    """Compare on states that can be reached, at random; returns the number of steps that were compared."""
    planner, found = Planner(domain, problem), Courses(parse_problem(parse_domain(domain), problem))
    state, compared = planner.init, 0
    for _ in range(states):
        steps = Counter((spent, after) for _, spent, after in planner.steps(state))
        assert found.steps(state) == steps, (domain, problem, state)
        assert found.at_the_goal(state) == planner.holds(planner.goal, state, {}), (domain, problem, state)
        compared += steps.total()
        state = rng.choice(sorted((after for _, after in steps), key=sorted)) if steps else planner.init
    return compared


@pytest.mark.parametrize("family", FAMILIES)
def test_the_written_problems(family: str) -> None:
    assert compare(*FAMILIES[family][:2], 40, random.Random(1)) > 40


def test_random_problems() -> None:
    compared = 0
    for seed in range(300):
        task = RandomTask(random.Random(seed))
        compared += compare(task.domain, task.problem, 6, random.Random(seed))
    assert compared > 3000


def test_answers_exclude_each_other_and_miss_nothing() -> None:
    """The courses of one action in all states of three atoms: one in each state where it can be applied."""
    domain = """(define (domain d) (:predicates (p) (q) (r)) (:action act
        :precondition (or (p) (and (q) (not (r)))) :effect (and (when (r) (not (p))) (when (not (q)) (r)))))"""
    found = Courses(parse_problem(parse_domain(domain), "(define (problem x) (:domain d) (:init) (:goal (p)))"))
    for p, q, r in product([False, True], repeat=3):
        state = frozenset(item for item, true in ((("p",), p), (("q",), q), (("r",), r)) if true)
        assert found.steps(state).total() == int(p or (q and not r))


def test_the_work_is_metered_by_the_course() -> None:
    passengers = " ".join(f"p{number}" for number in range(30))
    many = LIFT_PROBLEM.replace("ann bob eve", f"ann bob eve {passengers}")
    many = many.replace("(lift-at", " ".join(f"(destination p{number} f1)" for number in range(30)) + "(lift-at")
    task = parse_problem(parse_domain(LIFT), many)
    with pytest.raises(OutOfBudget):
        for _ in courses(task, Meter(200_000, 60)):
            pass


@pytest.mark.parametrize(
    ("family", "actions", "ends"), [("roads", 2276, 8), ("lift", 918153, 89), ("blocks", 2676, 24)]
)
def test_the_work_is_exactly_this(family: str, actions: int, ends: int) -> None:
    """A budget in steps means the same from release to release."""
    task = parse_problem(parse_domain(FAMILIES[family][0]), FAMILIES[family][1])
    spent = []
    for run in (courses, goals):
        used = meter()
        for _ in run(task, used):
            pass
        spent.append(10**7 - used._left)
    assert spent == [actions, ends]
