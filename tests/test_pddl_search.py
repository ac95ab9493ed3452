"""The search for cheapest plans agrees with one that tries everything, on random problems of every supported kind."""

from __future__ import annotations

import random
from collections import Counter
from fractions import Fraction
from itertools import pairwise

import pytest
from brute_force_planner import Planner
from hypothesis import given, settings
from hypothesis import strategies as st
from neurosym_oracles._kernels.pddl_domain import parse_domain
from neurosym_oracles._kernels.pddl_ground import Condition, GroundTask, Operator, ground
from neurosym_oracles._kernels.pddl_problem import parse_problem
from neurosym_oracles._kernels.pddl_search import TooManyStates, cheapest
from neurosym_oracles._kernels.pddl_world import Meter, OutOfBudget
from pddl_samples import FAMILIES, RandomTask

PLENTY = 10**6


def meter(steps: int = 10**7) -> Meter:
    return Meter(steps, 60)


def search(domain: str, problem: str, below: Fraction | None = None) -> Fraction | None:
    return cheapest(ground(parse_problem(parse_domain(domain), problem), meter()), below, meter(), PLENTY)


def compare(domain: str, problem: str, most_states: int = 150) -> str:
    """How the costs compare at every bound that matters; the kind of problem this was."""
    try:
        best = Planner(domain, problem).cheapest(most_states)
    except OverflowError:
        return "large"
    if best is None:
        assert search(domain, problem) is None
        assert search(domain, problem, Fraction(3)) is None
        return "unsolvable"
    cost, _ = best
    assert search(domain, problem) == cost
    assert search(domain, problem, cost) is None
    assert search(domain, problem, cost + Fraction(1, 100)) == cost
    assert search(domain, problem, cost + 7) == cost
    assert search(domain, problem, cost - Fraction(1, 100)) is None
    return "at the goal" if best[1] == "" else "free" if cost == 0 else "solvable" if cost < 10 else "costly"


@pytest.mark.parametrize("family", FAMILIES)
def test_the_written_problems(family: str) -> None:
    assert compare(*FAMILIES[family][:2], 10_000) in ("solvable", "costly")


def test_random_problems() -> None:
    met = Counter(compare(task.domain, task.problem) for task in map(RandomTask, map(random.Random, range(400))))
    assert met["unsolvable"] > 100 and met["solvable"] > 15 and met["at the goal"] > 100 and met["large"] < 10, met


@pytest.mark.slow
def test_more_random_problems() -> None:
    for seed in range(1000, 2000):
        task = RandomTask(random.Random(seed))
        compare(task.domain, task.problem, 1000)


def puzzle(rng: random.Random) -> tuple[str, str]:
    """A problem of a few switches with few actions: deep, with prices of every kind, and often without a plan."""
    switches = [f"s{number}" for number in range(rng.randint(2, 7))]
    actions, prices = "", []
    for number in range(rng.randint(2, 9)):
        literals = rng.sample(switches, min(3, len(switches)))
        condition, effect = (
            " ".join(rng.choice([f"(on {item})", f"(not (on {item}))"]) for item in literals[: rng.randint(0, 3)])
            for _ in range(2)
        )
        if rng.random() < 0.3:
            one, other = rng.sample(switches, 2)
            effect += f" (when (on {one}) (not (on {one}))) (when (not (on {one})) (on {one}))"
            condition += f" (or (on {other}) (not (on {one})))" if rng.random() < 0.5 else ""
        price = rng.choice(["0", "0", "1", "2", "0.5", "2.25", "10"])
        prices.append(price)
        actions += f"(:action a{number} :precondition (and {condition})\n"
        actions += f" :effect (and {effect} (increase (total-cost) {price})))\n"
    metric = "(:metric minimize (total-cost))" if rng.random() < 0.8 else ""
    goal = " ".join(rng.choice([f"(on {item})", f"(not (on {item}))"]) for item in switches)
    init = " ".join(f"(on {item})" for item in switches if rng.random() < 0.5)
    declared = f"(:constants {' '.join(switches)}) (:predicates (on ?s)) (:functions (total-cost))"
    domain = f"(define (domain switches) (:requirements :adl :action-costs) {declared}\n{actions})"
    started = rng.choice(["", "(= (total-cost) 3.5)"])
    return domain, f"(define (problem p) (:domain switches) (:init {init} {started}) (:goal (and {goal})) {metric})"


def test_random_puzzles() -> None:
    met = Counter(compare(*puzzle(random.Random(seed))) for seed in range(600))
    assert met["unsolvable"] > 30 and met["solvable"] > 30 and met["free"] > 3, met


operators = st.lists(
    st.tuples(*[st.integers(0, 31)] * 4, st.integers(0, 3)).map(
        lambda t: Operator(Condition(t[0], t[0] & t[1]), t[2] & ~t[3], t[3], t[4])
    ),
    max_size=8,
)


@settings(max_examples=400, deadline=None, derandomize=True)
@given(st.integers(0, 31), st.tuples(st.integers(0, 31), st.integers(0, 31)), operators, st.integers(0, 2))
def test_ground_tasks(start: int, goal: tuple[int, int], moves: list[Operator], spread: int) -> None:
    """Against Bellman and Ford on all states. `spread` moves the atoms apart, over several sections."""

    def apart(mask: int) -> int:
        return sum((mask >> place & 1) << place * (1 + 7 * spread) for place in range(5))

    reached: dict[int, int] = {start: 0}
    for _ in range(33):
        for state, cost in list(reached.items()):
            for (care, value), false, true, step in moves:
                after = state & ~false | true
                if state & care == value and cost + step < reached.get(after, PLENTY):
                    reached[after] = cost + step
    ends = [cost for state, cost in reached.items() if state & goal[0] == goal[0] & goal[1]]
    task = GroundTask(
        apart(start),
        (Condition(apart(goal[0]), apart(goal[0] & goal[1])),),
        tuple(
            Operator(Condition(apart(care), apart(value)), apart(false), apart(true), cost)
            for (care, value), false, true, cost in moves
        ),
        apart(31).bit_length(),
        2,
    )
    assert cheapest(task, None, meter(), PLENTY) == (Fraction(min(ends), 2) if ends else None)
    if ends:
        assert cheapest(task, Fraction(min(ends), 2), meter(), PLENTY) is None
        assert cheapest(task, Fraction(min(ends) + 1, 2), meter(), PLENTY) == Fraction(min(ends), 2)


def counter(bits: int) -> GroundTask:
    """A binary counter that must count from 0 to its end: 2^bits states in a row."""
    steps = [Operator(Condition((2 << bit) - 1, (1 << bit) - 1), (1 << bit) - 1, 1 << bit, 1) for bit in range(bits)]
    full = (1 << bits) - 1
    return GroundTask(0, (Condition(full, full),), tuple(steps), bits, 1)


def test_a_long_way() -> None:
    assert cheapest(counter(12), None, meter(), PLENTY) == 4095
    assert cheapest(counter(12), Fraction(4095), meter(), PLENTY) is None


def test_no_goal_no_operator_no_atom() -> None:
    assert cheapest(GroundTask(0, (), (), 0, 1), None, meter(), PLENTY) is None
    assert cheapest(GroundTask(0, (Condition(0, 0),), (), 0, 1), None, meter(), PLENTY) == 0
    assert cheapest(GroundTask(0, (Condition(0, 0),), (), 0, 1), Fraction(0), meter(), PLENTY) is None
    assert cheapest(counter(4)._replace(goals=()), None, meter(), PLENTY) is None


def test_the_budget_bounds_the_search_and_never_changes_its_result() -> None:
    task = counter(10)
    seen = []
    for steps in (0, 10, 100, 1000, 10_000, 100_000):
        try:
            seen.append(cheapest(task, None, meter(steps), PLENTY) == 1023)
        except OutOfBudget as error:
            assert str(error) == f"more than {steps} steps"
            seen.append(False)
    assert all(later >= sooner for sooner, later in pairwise(seen)) and seen[0] is False and seen[-1] is True


def test_states_are_counted() -> None:
    with pytest.raises(TooManyStates, match="more than 500 states"):
        cheapest(counter(10), None, meter(), 500)
    assert cheapest(counter(10), None, meter(), 1100) == 1023
    wide = GroundTask(0, (), tuple(Operator(Condition(1 << bit, 0), 0, 1 << bit, bit) for bit in range(16)), 16, 1)
    with pytest.raises(TooManyStates):
        cheapest(wide, None, meter(10**8), 20_000)
    assert cheapest(wide, None, meter(10**8), 70_000) is None


def test_the_clock_is_a_guard() -> None:
    with pytest.raises(OutOfBudget, match="seconds"):
        cheapest(counter(20), None, Meter(10**9, 0.05), 10**7)


@pytest.mark.parametrize(("family", "steps"), [("roads", 1534), ("lift", 2426), ("blocks", 282)])
def test_the_work_is_exactly_this(family: str, steps: int) -> None:
    """A budget in steps means the same from release to release."""
    task = ground(parse_problem(parse_domain(FAMILIES[family][0]), FAMILIES[family][1]), meter())
    used = meter()
    cheapest(task, None, used, PLENTY)
    assert 10**7 - used._left == steps
