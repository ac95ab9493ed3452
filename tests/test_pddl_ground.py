"""Ground tasks: operators, goals and costs as masks and whole numbers, and what is left out of them."""

from __future__ import annotations

import pytest
from neurosym_oracles._kernels import pddl_ground
from neurosym_oracles._kernels.pddl_domain import parse_domain
from neurosym_oracles._kernels.pddl_ground import Condition, GroundTask, Operator, ground
from neurosym_oracles._kernels.pddl_problem import parse_problem
from neurosym_oracles._kernels.pddl_syntax import Unsupported
from neurosym_oracles._kernels.pddl_world import Meter, OutOfBudget
from pddl_samples import BLOCKS, BLOCKS_PROBLEM, FAMILIES, ROADS, ROADS_PROBLEM


def grounded(domain: str, problem: str, steps: int = 10**7) -> GroundTask:
    return ground(parse_problem(parse_domain(domain), problem), Meter(steps, 60))


def tiny(action: str, init: str = "", goal: str = "(q)", objects: str = "a b") -> GroundTask:
    domain = f"(define (domain d) (:predicates (p ?x) (s ?x ?y) (q) (r)) (:action act {action}))"
    return grounded(domain, f"(define (problem x) (:domain d) (:objects {objects}) (:init {init}) (:goal {goal}))")


def test_operators_as_masks() -> None:
    """Atoms have bits in the order of the first question for them: (p a), (r), (p b), (q)."""
    task = tiny(":parameters (?x) :precondition (and (p ?x) (not (r))) :effect (and (not (p ?x)) (q) (r))", "(p a)")
    bits = {operator.condition.value: operator for operator in task.operators}
    p_a, q, r = task.start, task.goals[0].value, bits[task.start].condition.care ^ task.start
    (p_b,) = set(bits) - {p_a}
    assert task.bits == 4 and sorted([p_a, q, r, p_b]) == [1, 2, 4, 8]
    assert task.goals == (Condition(q, q),)
    assert set(task.operators) == {Operator(Condition(p | r, p), p, q | r, 1) for p in (p_a, p_b)}


def test_what_never_changes_is_decided_at_once() -> None:
    """Static preconditions leave instances out before all of their objects are chosen, and need no bits."""
    act = ":parameters (?x ?y) :precondition (and (s ?x ?y) (not (= ?x ?y)) (not (r))) :effect (q)"
    assert len(tiny(act, "(s a b) (s a a)").operators) == 1
    assert tiny(act, "(s a b)").bits == 1
    assert not tiny(act, "(s a b) (r)").operators
    assert not tiny(act, "(s a a)").operators
    many = " ".join(f"o{number}" for number in range(40))
    wide = ":parameters (?a ?b ?c ?d ?e ?f) :precondition (and (s ?a ?b) (s ?b ?c) (s ?c ?d) (s ?d ?e) (s ?e ?f))"
    chain = " ".join(f"(s o{number} o{number + 1})" for number in range(20))
    assert len(tiny(f"{wide} :effect (p ?f)", chain, "(forall (?x) (p ?x))", many).operators) == 16  # of 40^6


def test_a_precondition_on_what_another_action_changes_is_kept() -> None:
    domain = """(define (domain d) (:predicates (p) (q))
        (:action first :precondition (p) :effect (q)) (:action second :effect (forall (?x) (when (q) (p)))))"""
    task = grounded(domain, "(define (problem x) (:domain d) (:objects o) (:init) (:goal (p)))")
    assert len(task.operators) == 2 and task.bits == 2


def test_what_changes_nothing_is_no_operator() -> None:
    assert not tiny(":precondition (q) :effect (q)").operators
    assert not tiny(":precondition (not (q)) :effect (not (q))").operators
    assert not tiny(":precondition (q) :effect (and (not (q)) (q))").operators
    assert not tiny(":effect (r)").operators  # nobody asks for it
    assert len(tiny(":effect (q)").operators) == 1
    assert len(tiny(":effect (not (q))").operators) == 1
    assert len(tiny(":precondition (not (q)) :effect (and (not (q)) (q))").operators) == 1


def test_conditional_effects_are_courses_that_exclude_each_other() -> None:
    task = tiny(":effect (forall (?x) (when (p ?x) (not (p ?x))))")
    conditions = [operator.condition for operator in task.operators]
    assert len(conditions) == 3  # of four courses, one changes nothing
    for i, one in enumerate(conditions):
        for other in conditions[:i]:
            assert (one.value ^ other.value) & one.care & other.care


def test_goals_that_hold_always_or_never() -> None:
    assert tiny(":effect (q)", goal="(and)").goals == (Condition(0, 0),)
    assert tiny(":effect (q)", goal="(or)").goals == ()
    assert tiny(":effect (q)", goal="(and (q) (not (q)))").goals == ()
    assert tiny(":effect (q)", goal="(p a)").goals == ()
    assert tiny(":effect (q)", "(p a)", goal="(p a)").goals == (Condition(0, 0),)
    assert len(tiny(":effect (q)", goal="(or (q) (not (q)))").goals) == 2


def test_costs_are_whole_numbers_of_a_common_unit() -> None:
    task = grounded(ROADS, ROADS_PROBLEM)
    assert task.unit == 4  # prices of 0.5 and 3.25
    assert {operator.cost for operator in task.operators} == {2, 4, 12, 13, 40}
    steps = grounded(ROADS, ROADS_PROBLEM.replace("(:metric minimize (total-cost))", ""))
    assert steps.unit == 1 and {operator.cost for operator in steps.operators} == {1}


def test_a_cost_without_a_value_counts_where_the_action_can_be_applied() -> None:
    with pytest.raises(Unsupported, match=r"\(price depot town\) has no value"):
        grounded(ROADS, ROADS_PROBLEM.replace("(= (price depot town) 3)", ""))
    assert grounded(ROADS, ROADS_PROBLEM)  # (price town city) has none, and there is no such road


@pytest.mark.parametrize("family", FAMILIES)
def test_the_work_is_metered(family: str) -> None:
    domain, problem, _ = FAMILIES[family]
    with pytest.raises(OutOfBudget):
        grounded(domain, problem, 100)
    assert grounded(domain, problem, 3_000_000) == grounded(domain, problem)


def test_operators_take_a_bounded_space(monkeypatch: pytest.MonkeyPatch) -> None:
    assert grounded(BLOCKS, BLOCKS_PROBLEM)
    monkeypatch.setattr(pddl_ground, "MAX_BITS", 15_000)
    with pytest.raises(OutOfBudget, match="more than 15 ground operators and goals of 19 atoms"):
        grounded(BLOCKS, BLOCKS_PROBLEM)
