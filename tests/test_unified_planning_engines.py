"""Engines of unified-planning by name: exact statuses, original names, private folders, and its objects as payloads."""

from __future__ import annotations

import subprocess
import sys
from importlib import metadata

import pytest
from neurosym_domains.blocksworld import Blocksworld
from neurosym_oracles import unified_planning_engines
from neurosym_oracles.unified_planning_engines import STATUSES, oracle_named, payload, plan_text
from reference_simulators import blocksworld_valid

from neurosym.core import Budget, MalformedProblem, Oracle, Problem, Reason, Undecided, stream

pytest.importorskip("unified_planning")
pytest.importorskip("up_pyperplan")
pytest.importorskip("up_fast_downward")

PAINT = """(define (domain paint) (:requirements :strips)
  (:predicates (wet ?x) (dry ?x))
  (:action brush-On :parameters (?x) :precondition (dry ?x) :effect (and (wet ?x) (not (dry ?x)))))"""
WALL = "(define (problem wall) (:domain paint) (:objects w-1 V_2) (:init (dry w-1)) (:goal (wet w-1)))"


def engine(name: str) -> Oracle:
    found = oracle_named(f"up:{name}")
    assert found is not None
    return found


FD, FD_OPT, PYPERPLAN = engine("fast-downward"), engine("fast-downward-opt"), engine("pyperplan")


def pddl(domain: str = PAINT, problem: str = WALL) -> Problem:
    return Problem("test", "pddl", {"domain": domain, "problem": problem})


def undecided(oracle: Oracle, problem: Problem, **budget) -> Undecided:
    with pytest.raises(Undecided) as caught:
        oracle.solve(problem, Budget(**budget))
    return caught.value


@pytest.mark.parametrize(
    "name", ["", "up:", "up", "fast-downward", "up:a b", "up:../x", "UP:x", "up:" + "x" * 99, "up:x\n"]
)
def test_other_names_are_not_ours(name):
    assert oracle_named(name) is None


def test_names_families_and_versions():
    assert (FD_OPT.name, FD_OPT.family, FD_OPT.kind) == ("up:fast-downward-opt", "fast-downward", "pddl")
    assert (PYPERPLAN.name, PYPERPLAN.family) == ("up:pyperplan", "pyperplan")
    assert engine("symk-opt").family == "fast-downward", "symk is built on the code of Fast Downward"
    assert engine("enhsp-opt").family == "enhsp"
    assert PYPERPLAN.version() == (
        f"unified-planning {metadata.version('unified-planning')}, up-pyperplan {metadata.version('up-pyperplan')}"
    )


@pytest.mark.parametrize("oracle", [FD, FD_OPT, PYPERPLAN], ids=lambda oracle: oracle.name)
def test_plans_are_valid_and_repeat(oracle):
    problems = [Blocksworld(blocks=4).sample(stream(item)) for item in range(2)]
    claims = [oracle.solve(problem, Budget()) for problem in problems]
    for problem, claim in zip(problems, claims, strict=True):
        assert blocksworld_valid(problem.payload["problem"], claim.answer)
        assert claim.metrics[oracle.effort] == len(claim.answer.splitlines())
    assert [oracle.solve(problem, Budget()) for problem in reversed(problems)] == claims[::-1]


def test_plans_use_the_names_of_the_text_in_lower_case():
    for oracle in (FD, PYPERPLAN):
        assert oracle.solve(pddl(), Budget()).answer == "(brush-on w-1)"
    assert FD.solve(pddl(problem=WALL.replace("(wet w-1)", "(dry w-1)")), Budget()).answer == ""


def test_optimality_is_only_what_the_engine_says():
    metric = pddl(
        PAINT.replace(":strips", ":strips :action-costs")
        .replace("(:action", "(:functions (total-cost)) (:action")
        .replace("(not (dry ?x))", "(not (dry ?x)) (increase (total-cost) 2)"),
        WALL.replace("(dry w-1))", "(dry w-1) (= (total-cost) 0))")[:-1] + "(:metric minimize (total-cost)))",
    )
    assert FD_OPT.solve(metric, Budget()).metrics["optimality"] == "asserted"
    assert "optimality" not in FD.solve(metric, Budget()).metrics
    assert "optimality" not in FD_OPT.solve(pddl(), Budget()).metrics
    assert undecided(PYPERPLAN, metric).reason is Reason.UNSUPPORTED


def test_unsolvable_only_where_it_is_proven():
    hopeless = pddl(problem=WALL.replace("(wet w-1)", "(wet V_2)"))
    assert FD_OPT.solve(hopeless, Budget()).answer == "unsolvable"
    assert undecided(PYPERPLAN, hopeless).reason is Reason.NO_EVIDENCE


def test_every_status_has_one_meaning():
    from unified_planning.engines import PlanGenerationResultStatus

    assert set(STATUSES) == {status.name for status in PlanGenerationResultStatus}
    assert [status for status, meaning in STATUSES.items() if meaning == "unsolvable"] == ["UNSOLVABLE_PROVEN"]
    assert {status for status, meaning in STATUSES.items() if meaning == "plan"} == {
        "SOLVED_SATISFICING",
        "SOLVED_OPTIMALLY",
    }


def test_an_engine_that_is_not_installed():
    assert undecided(engine("no-such-engine"), pddl()).reason is Reason.TOOL_MISSING


@pytest.mark.parametrize(
    "problem",
    [
        pddl(problem=WALL[:-1]),
        pddl(""),
        pddl(PAINT.replace(":strips", ":strips").replace("(wet ?x)", "(wetter ?x)", 2)),
    ],
)
def test_what_unified_planning_cannot_read_is_unsupported(problem):
    assert undecided(FD, problem).reason is Reason.UNSUPPORTED


def test_a_payload_of_another_form_is_malformed():
    with pytest.raises(MalformedProblem):
        FD.solve(Problem("test", "pddl", {"domain": PAINT}), Budget())


@pytest.mark.slow
def test_budgets_are_guards_and_the_next_problem_is_solved():
    hard = Blocksworld(blocks=20).sample(stream(1))
    assert undecided(FD_OPT, hard, seconds=1).reason is Reason.TIMEOUT
    assert FD_OPT.solve(pddl(), Budget()).answer == "(brush-on w-1)"
    assert undecided(engine("pyperplan-opt"), hard, seconds=0.5).reason is Reason.TIMEOUT
    many = " ".join(f"o{number}" for number in range(60))
    wide = pddl(PAINT.replace("(?x) :pre", "(?x ?y ?z ?u ?v) :pre"), WALL.replace("V_2", many))
    assert undecided(PYPERPLAN, wide, memory_mb=50).reason is Reason.MEMORY
    assert PYPERPLAN.solve(pddl(), Budget(memory_mb=100)).answer == "(brush-on w-1)"


@pytest.mark.slow
def test_two_processes_in_one_folder_do_not_meet(tmp_path):
    code = """
from neurosym.core import Budget, stream
from neurosym_domains.blocksworld import Blocksworld
from neurosym_oracles.unified_planning_engines import oracle_named
oracle = oracle_named("up:fast-downward-opt")
for item in range(4):
    print(oracle.solve(Blocksworld(blocks=5).sample(stream(item)), Budget()).answer)
"""
    command = [sys.executable, "-c", code]
    running = [subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE) for _ in range(2)]
    outputs = {process.communicate()[0] for process in running}
    assert len(outputs) == 1 and outputs.pop()
    assert not list(tmp_path.iterdir())


def test_objects_of_unified_planning_become_text_and_back():
    from unified_planning import shortcuts as up
    from unified_planning.plans import ActionInstance, SequentialPlan

    place = up.UserType("Place of work")
    here = up.Fluent("is at", up.BoolType(), where=place)
    go = up.InstantaneousAction("Go To!", origin=place, target=place)
    go.add_precondition(here(go.origin))
    go.add_effect(here(go.origin), False)
    go.add_effect(here(go.target), True)
    task = up.Problem("a b")
    task.add_fluent(here, default_initial_value=False)
    task.add_action(go)
    first, second = up.Object("object", place), up.Object("Zweiter Ort", place)
    task.add_objects([first, second])
    task.set_initial_value(here(first), True)
    task.add_goal(here(second))

    written = Problem("test", "pddl", payload(task))
    claim = FD.solve(written, Budget())
    assert claim.answer.count("(") == 1 and "Go To!" not in claim.answer
    plan = SequentialPlan([ActionInstance(go, (up.ObjectExp(first), up.ObjectExp(second)))])
    assert plan_text(task, plan) == claim.answer
    checker = pytest.importorskip("neurosym_oracles.pddl_checker").PddlChecker()
    assert checker.check(written, claim, Budget()).proved


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setattr(unified_planning_engines.UnifiedPlanningEngine, "_companion", None)

    def missing(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(unified_planning_engines.metadata, "version", missing)
    assert undecided(engine("fast-downward"), pddl()).reason is Reason.TOOL_MISSING
