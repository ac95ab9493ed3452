"""Fast Downward as an oracle: right plans, honest "unsolvable", the same bytes every time, and guards that hold."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from importlib import metadata
from pathlib import Path

import pytest
from neurosym_domains.blocksworld import Blocksworld
from neurosym_domains.logistics import Logistics
from neurosym_oracles import fast_downward
from neurosym_oracles.fast_downward import OUTCOMES, FastDownward, FastDownwardSatisficing
from reference_simulators import blocksworld_valid, logistics_valid

from neurosym.core import Budget, Claim, MalformedProblem, Problem, Reason, Undecided, stream

pytest.importorskip("up_fast_downward")
pytest.importorskip("fast_downward.translate")

OPTIMAL, SATISFICING = FastDownward(), FastDownwardSatisficing()
VALID = {"blocksworld": blocksworld_valid, "logistics": logistics_valid}

SWITCHES = """(define (domain switches)
  (:requirements :adl :typing)
  (:types lamp switch)
  (:predicates (on ?l - lamp) (wired ?s - switch ?l - lamp))
  (:action press :parameters (?s - switch)
    :effect (forall (?l - lamp)
      (when (wired ?s ?l) (and (when (on ?l) (not (on ?l))) (when (not (on ?l)) (on ?l)))))))"""
LAMPS = """(define (problem lamps) (:domain switches)
  (:objects l1 l2 - lamp s1 s2 - switch)
  (:init (wired s1 l1) (wired s2 l1) (wired s2 l2) (on l1))
  (:goal (forall (?l - lamp) (on ?l))))"""
ROADS = """(define (domain roads)
  (:requirements :strips :action-costs)
  (:predicates (at ?x) (road ?x ?y))
  (:functions (total-cost) (toll ?x ?y))
  (:action go :parameters (?x ?y)
    :precondition (and (at ?x) (road ?x ?y)) :effect (and (at ?y) (not (at ?x)) (increase (total-cost) (toll ?x ?y))))
  (:action wait :parameters (?x) :precondition (at ?x) :effect (at ?x)))"""
TRIP = """(define (problem trip) (:domain roads) (:objects a b c)
  (:init (at a) (road a b) (road b c) (road a c)
    (= (toll a b) 2) (= (toll b c) 0) (= (toll a c) 5) (= (total-cost) 0))
  (:goal (at c)) (:metric minimize (total-cost)))"""
PAINT = """(define (domain paint) (:requirements :strips)
  (:predicates (wet ?x) (dry ?x))
  (:action brush :parameters (?x) :precondition (dry ?x) :effect (and (wet ?x) (not (dry ?x)))))"""
WALL = "(define (problem wall) (:domain paint) (:objects w v) (:init (dry w)) (:goal (wet w)))"


def pddl(domain: str, problem: str) -> Problem:
    return Problem("test", "pddl", {"domain": domain, "problem": problem})


def sample(domain, count: int) -> list[Problem]:
    return [domain.sample(stream(domain.name, item)) for item in range(count)]


def answer(problem: Problem, oracle=OPTIMAL, **budget) -> str:
    return oracle.solve(problem, Budget(**budget)).answer


def undecided(problem: Problem, oracle=OPTIMAL, **budget) -> Undecided:
    with pytest.raises(Undecided) as caught:
        oracle.solve(problem, Budget(**budget))
    return caught.value


@pytest.mark.parametrize("oracle", [OPTIMAL, SATISFICING], ids=lambda oracle: oracle.name)
@pytest.mark.parametrize("domain", [Blocksworld(blocks=5), Logistics()], ids=lambda domain: domain.name)
def test_plans_are_valid(domain, oracle):
    for problem in sample(domain, 15):
        claim = oracle.solve(problem, Budget())
        assert VALID[domain.name](problem.payload["problem"], claim.answer)
        assert claim.metrics["plan_length"] == claim.metrics["plan_cost"] == len(claim.answer.splitlines())
        assert claim.metrics[oracle.effort] > 0


def test_plans_are_correct_to_the_checker():
    checker = pytest.importorskip("neurosym_oracles.pddl_checker").PddlChecker()
    texts = [pddl(SWITCHES, LAMPS), pddl(ROADS, TRIP), pddl(PAINT, WALL), *sample(Logistics(), 5)]
    for problem in texts:
        for oracle in (OPTIMAL, SATISFICING):
            assert checker.check(problem, oracle.solve(problem, Budget()), Budget()).proved


def test_optimal_plans_are_as_short_as_those_of_breadth_first_search():
    pytest.importorskip("pyperplan")
    from neurosym_oracles.pyperplan import Pyperplan

    shorter = 0
    for problem in sample(Blocksworld(blocks=5), 20) + sample(Logistics(cities=2, locations=2, packages=2), 10):
        claim = OPTIMAL.solve(problem, Budget())
        shortest = Pyperplan().solve(problem, Budget()).metrics["plan_length"]
        assert claim.metrics["plan_length"] == shortest
        assert claim.metrics["optimality"] == "asserted"
        other = SATISFICING.solve(problem, Budget())
        assert "optimality" not in other.metrics
        shorter += shortest < other.metrics["plan_length"]
    assert shorter > 0, "the satisficing search happens to be optimal: the comparison shows nothing"


@pytest.mark.parametrize("oracle", [OPTIMAL, SATISFICING], ids=lambda oracle: oracle.name)
@pytest.mark.parametrize(
    ("goal", "expected"),
    [
        ("(dry w)", ""),
        ("(and)", ""),
        ("(and (dry w) (dry w))", ""),
        ("(wet w)", "(brush w)"),
        ("(not (dry w))", "(brush w)"),
        ("(or (wet v) (wet w))", "(brush w)"),
        ("(exists (?x) (wet ?x))", "(brush w)"),
        ("(wet v)", "unsolvable"),
        ("(and (wet w) (dry w))", "unsolvable"),
        ("(forall (?x) (wet ?x))", "unsolvable"),
        ("(= w v)", "unsolvable"),
    ],
)
def test_goals_of_every_form(goal, expected, oracle):
    assert answer(pddl(PAINT.replace(":strips", ":adl"), WALL.replace("(wet w)", goal)), oracle) == expected


def test_unsolvable_only_where_the_search_has_proved_it():
    cycle = """(define (problem p) (:domain blocksworld) (:objects a b c)
      (:init (handempty) (clear a) (ontable a) (clear b) (ontable b) (clear c) (ontable c))
      (:goal (and (on a b) (on b c) (on c a))))"""
    domain = sample(Blocksworld(blocks=3), 1)[0].payload["domain"]
    for oracle in (OPTIMAL, SATISFICING):
        claim = oracle.solve(pddl(domain, cycle), Budget())
        assert claim == Claim("unsolvable", metrics=claim.metrics) and claim.metrics["expansions"] > 0


def test_conditional_effects_and_quantifiers_are_solved_without_lm_cut():
    claim = OPTIMAL.solve(pddl(SWITCHES, LAMPS), Budget())
    assert sorted(claim.answer.splitlines()) == ["(press s1)", "(press s2)"]
    assert claim.metrics["search"] == "astar-blind" and claim.metrics["optimality"] == "asserted"
    assert len(answer(pddl(SWITCHES, LAMPS), SATISFICING).splitlines()) >= 2


def test_the_metric_decides_what_is_optimal():
    cheap = OPTIMAL.solve(pddl(ROADS, TRIP), Budget())
    assert cheap.answer == "(go a b)\n(go b c)"
    assert (cheap.metrics["plan_cost"], cheap.metrics["plan_length"]) == (2, 2)
    short = OPTIMAL.solve(pddl(ROADS, TRIP.replace("(:metric minimize (total-cost))", "")), Budget())
    assert short.answer == "(go a c)"
    assert short.metrics["plan_cost"] == 1


def test_names_that_look_like_keywords_and_capitals_and_comments():
    words = "(:objects And NOT either define - object)"
    problem = WALL.replace("(:objects w v)", words).replace("(dry w)", "(DRY not)").replace("(wet w)", "(Wet NOT)")
    assert answer(pddl(PAINT + " ; grün", "; ünïcode (\r\n" + problem + "\r\n")) == "(brush not)"


def test_actions_without_arguments():
    domain = """(define (domain d) (:predicates (p) (q)) (:action a-1 :parameters () :precondition (p) :effect (q))
      (:action b :effect (p)))"""
    problem = "(define (problem p) (:domain d) (:init) (:goal (q)))"
    assert answer(pddl(domain, problem)) == answer(pddl(domain, problem), SATISFICING) == "(b)\n(a-1)"


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"domain": PAINT},
        {"domain": PAINT, "problem": None},
        {"domain": [], "problem": WALL},
        {"domain": "", "problem": WALL},
        {"domain": PAINT, "problem": ""},
        {"domain": PAINT, "problem": WALL[:-1]},
        {"domain": PAINT, "problem": WALL + ")"},
        {"domain": PAINT, "problem": WALL + " (x)"},
        {"domain": PAINT, "problem": WALL.replace("(:domain paint)", "(:domain point)")},
        {"domain": PAINT, "problem": WALL.replace("(wet w)", "(wet w v)")},
        {"domain": PAINT, "problem": WALL.replace("(wet w)", "(wet nobody)")},
        {"domain": PAINT, "problem": WALL.replace("(wet w)", "(sticky w)")},
        {"domain": PAINT, "problem": WALL.replace("w v", "w w")},
        {"domain": PAINT, "problem": WALL.replace("w", "wä")},
        {"domain": "hello", "problem": WALL},
    ],
)
def test_malformed_problems(payload):
    with pytest.raises(MalformedProblem):
        OPTIMAL.solve(Problem("test", "pddl", payload), Budget())


@pytest.mark.parametrize(
    "domain",
    [
        PAINT.replace(":strips", ":fluents").replace("(:predicates", "(:functions (f)) (:predicates"),
        PAINT.replace("(:action", "(:durative-action"),
        PAINT.replace("(:action", "(:constraints) (:action"),
    ],
)
def test_what_the_translator_does_not_know_is_unsupported(domain):
    assert undecided(pddl(domain, WALL)).reason is Reason.UNSUPPORTED


@pytest.mark.parametrize("depth", [300, 100_000])
def test_deep_nesting_is_no_claim(depth):
    goal = "(and " * depth + "(wet w)" + ")" * depth
    try:
        assert answer(pddl(PAINT, WALL.replace("(wet w)", goal))) == "(brush w)"
    except Undecided as error:
        assert error.reason in (Reason.UNSUPPORTED, Reason.TOOL_CRASHED)
    assert answer(pddl(PAINT, WALL)) == "(brush w)"


def test_a_budget_of_steps_is_counted_in_evaluations():
    problem = sample(Blocksworld(blocks=6), 1)[0]
    evaluations = OPTIMAL.solve(problem, Budget()).metrics["evaluations"]
    assert answer(problem, steps=evaluations)
    assert undecided(problem, steps=evaluations - 1).reason is Reason.TIMEOUT


def descendants(pid: int) -> list[int]:
    found = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return found + [deeper for child in found for deeper in descendants(child)]


def runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def searching(parent: int) -> list[int]:
    """The companion of a process and the search that it runs."""
    for _ in range(200):
        processes = descendants(parent)
        if len(processes) == 2:
            return processes
        time.sleep(0.05)
    raise AssertionError("no search was begun")


def gone(processes: list[int]) -> bool:
    """Whether all have ended, after a while: init reaps an orphan when it comes to it."""
    for _ in range(100):
        if not any(runs(pid) for pid in processes):
            return True
        time.sleep(0.05)
    return False


SEARCH_FOR_EVER = """
import sys
from neurosym.core import Budget, stream
from neurosym_domains.blocksworld import Blocksworld
from neurosym_oracles.fast_downward import FastDownward
FastDownward().solve(Blocksworld(blocks=20).sample(stream(1)), Budget(seconds=float(sys.argv[1])))
"""


@pytest.mark.parametrize("victim", ["nobody", "worker", "companion", "search", "worker and companion"])
def test_no_process_is_left_whoever_is_killed(victim):
    seconds = "1" if victim in ("nobody", "worker and companion") else "60"
    command = [sys.executable, "-c", SEARCH_FOR_EVER, seconds]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as worker:
        companion, search = searching(worker.pid)
        for name, pid in {"worker": worker.pid, "companion": companion, "search": search}.items():
            if name in victim:
                os.kill(pid, signal.SIGKILL)
        assert worker.stderr is not None
        said = worker.stderr.read()
    assert gone([companion, search])
    if victim == "nobody":
        assert "timeout" in said
    elif "worker" not in victim:
        assert "tool-crashed" in said


def test_a_late_search_does_not_harm_the_next():
    oracle = FastDownward()
    hard = sample(Blocksworld(blocks=20), 1)[0]
    assert answer(pddl(PAINT, WALL), oracle) == "(brush w)"
    assert undecided(hard, oracle, seconds=0.5).reason is Reason.TIMEOUT
    assert answer(pddl(PAINT, WALL), oracle) == "(brush w)"


def test_too_little_memory_is_undecided():
    many = " ".join(f"o{number}" for number in range(60))
    wide = PAINT.replace("(?x) :precondition", "(?x ?y ?z ?u ?v) :precondition")
    explosion = pddl(wide, WALL.replace("(:objects w v)", f"(:objects w v {many})"))
    assert undecided(explosion, memory_mb=100).reason is Reason.MEMORY
    wide = sample(Blocksworld(blocks=9), 1)[0]
    blind = wide.payload["problem"].replace("(:goal (and", "(:goal (or (on a a) (and") + ")"
    assert undecided(pddl(wide.payload["domain"], blind), memory_mb=40, seconds=30).reason is Reason.MEMORY
    assert answer(pddl(PAINT, WALL)) == "(brush w)"


def test_a_killed_companion_is_replaced():
    oracle = FastDownward()
    assert answer(pddl(PAINT, WALL), oracle) == "(brush w)"
    assert oracle._companion is not None
    os.kill(oracle._companion._process.pid, signal.SIGKILL)
    try:
        assert answer(pddl(PAINT, WALL), oracle) == "(brush w)"
    except Undecided as error:  # it died while it was asked
        assert error.reason is Reason.TOOL_CRASHED
    assert answer(pddl(PAINT, WALL), oracle) == "(brush w)"


def test_a_fork_gets_a_companion_of_its_own():
    oracle = FastDownward()
    assert answer(pddl(PAINT, WALL), oracle) == "(brush w)"
    child = os.fork()
    if child == 0:
        right = answer(pddl(PAINT, WALL), oracle) == "(brush w)"
        os._exit(0 if right else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert oracle._companion is not None and oracle._companion.alive()
    assert answer(pddl(PAINT, WALL), oracle) == "(brush w)"


SCRIPT = """
import json, sys
from neurosym.core import Budget, stream
from neurosym_domains.blocksworld import Blocksworld
from neurosym_domains.logistics import Logistics
from neurosym_oracles.fast_downward import FastDownward, FastDownwardSatisficing
problems = [domain.sample(stream(domain.name, item)) for domain in (Blocksworld(), Logistics()) for item in range(12)]
if sys.argv[1] == "backwards":
    problems.reverse()
claims = {}
for oracle in (FastDownward(), FastDownwardSatisficing()):
    for problem in problems:
        claim = oracle.solve(problem, Budget())
        claims[oracle.name + problem.id] = [claim.answer, dict(claim.metrics)]
print(json.dumps(claims, sort_keys=True))
"""


def start(seed: str, order: str, folder: Path) -> subprocess.Popen[str]:
    environment = os.environ | {"PYTHONHASHSEED": seed}
    command = [sys.executable, "-c", SCRIPT, order]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment, cwd=folder)


def test_the_same_claims_whatever_the_hash_seed_the_order_and_the_neighbour(tmp_path):
    running = [start("1", "forwards", tmp_path), start("27", "backwards", tmp_path)]  # at once, in one folder
    outputs = {process.communicate()[0] for process in running}
    assert len(outputs) == 1
    assert len(json.loads(outputs.pop())) == 48
    assert not list(tmp_path.iterdir())


def reply(code: int, log: str) -> dict:
    return {"code": code, "log": log, "search": "astar-lmcut"}


LOG = """[t=0.1s, 1 KB] Actual search time: 0.1s
brush w (1)
[t=0.1s, 1 KB] Plan length: 1 step(s).
[t=0.1s, 1 KB] Plan cost: 1
[t=0.1s, 1 KB] Expanded 2 state(s).
[t=0.1s, 1 KB] Evaluations: 3
"""


def test_a_log_is_read():
    metrics = {"search": "astar-lmcut", "expansions": 2, "evaluations": 3, "plan_length": 1, "plan_cost": 1}
    expected = Claim("(brush w)", metrics=metrics | {"optimality": "asserted"})
    assert fast_downward._claim(reply(0, LOG), "", True) == expected


def test_only_two_exit_codes_are_claims():
    for code in range(-64, 256):
        try:
            claim = fast_downward._claim(reply(code, LOG), "", True)
            assert (code, claim.answer) in [(0, "(brush w)"), (11, "unsolvable")]
        except Undecided as error:
            assert code not in (0, 11)
            assert code in OUTCOMES or error.reason is Reason.TOOL_CRASHED


@pytest.mark.parametrize(
    "log",
    [
        "",
        LOG.replace("brush w (1)\n", ""),
        LOG.replace("brush w (1)\n", "brush w (1)\nbrush w (1)\n"),
        LOG.replace("brush w (1)", "brush w"),
        LOG.replace("Evaluations", "Evaluates"),
        LOG.partition("[t=0.1s, 1 KB] Plan length")[0],
    ],
)
def test_a_broken_log_is_a_crash(log):
    with pytest.raises(Undecided) as caught:
        fast_downward._claim(reply(0, log), "", True)
    assert caught.value.reason is Reason.TOOL_CRASHED


def test_a_missing_package_is_named(monkeypatch):
    def missing(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", missing)
    with pytest.raises(Undecided) as caught:
        FastDownward().solve(pddl(PAINT, WALL), Budget())
    assert caught.value.reason is Reason.TOOL_MISSING and "neurosym-engine[planners]" in caught.value.detail


def test_the_version_names_both_parts():
    assert OPTIMAL.version() == f"{metadata.version('up-fast-downward')}/{metadata.version('fast-downward.translate')}"


def test_the_translator_never_enters_this_process():
    code = """
import sys
from neurosym.core import Budget, stream
from neurosym_domains.blocksworld import Blocksworld
from neurosym_oracles.fast_downward import FastDownward
FastDownward().solve(Blocksworld(blocks=3).sample(stream(1)), Budget())
print(*sys.modules)
"""
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"fast_downward", "up_fast_downward", "unified_planning"} & set(loaded)


@pytest.mark.slow
def test_examples_of_unified_planning_are_solved_as_its_validator_wants():
    shortcuts = pytest.importorskip("unified_planning.shortcuts")
    from unified_planning.exceptions import UPException
    from unified_planning.io import PDDLReader, PDDLWriter
    from unified_planning.test.examples import get_example_problems

    shortcuts.get_environment().credits_stream = None
    solved = 0
    for name, example in get_example_problems().items():
        try:
            writer = PDDLWriter(example.problem)
            domain, problem = writer.get_domain(), writer.get_problem()
        except (UPException, AttributeError, NotImplementedError):
            continue
        for oracle in (OPTIMAL, SATISFICING):
            try:
                claim = oracle.solve(pddl(domain, problem), Budget(seconds=20))
            except Undecided as error:
                assert error.reason is Reason.UNSUPPORTED, f"{name}: {error}"
                continue
            assert claim.answer != "unsolvable", name
            reader = PDDLReader()
            task = reader.parse_problem_string(domain, problem)
            plan = reader.parse_plan_string(task, claim.answer)
            with shortcuts.PlanValidator(problem_kind=task.kind) as validator:
                assert validator.validate(task, plan), name
            solved += 1
    assert solved > 30
