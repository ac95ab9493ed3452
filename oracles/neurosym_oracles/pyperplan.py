"""Pyperplan (Alkhazraji et al., 2020): breadth-first search in Python, the independent second planner for audits.

It shares no code with Fast Downward and finds a shortest plan or exhausts the reachable states. It knows STRIPS with a
hierarchy of types, and skips over some of what it does not know. So a text is looked at first, and whatever is not
plainly within that fragment is undecided: a wrong audit is worse than none.
"""

from __future__ import annotations

import re
import resource
import time
from collections import Counter
from collections.abc import Mapping
from importlib import metadata
from math import prod
from typing import Any

from neurosym.core import Budget, Claim, MalformedProblem, Oracle, Problem, Reason, Undecided

MISSING = "pyperplan needs up-pyperplan: pip install 'neurosym-engine[planners]'"

EXPANSIONS = 1_000_000
"""States expanded where the budget names no number of steps."""

GROUND_ACTIONS = 200_000
"""Most combinations of arguments that are tried: pyperplan enumerates them all."""

_WORD = re.compile(
    r"[()-]|\??[a-z0-9_][a-z0-9_-]*|:(strips|typing|requirements|types|constants|predicates)"
    "|:(action|parameters|precondition|effect|domain|objects|init|goal)"
)
_BEYOND = frozenset(("either", "or", "imply", "forall", "exists", "when", "increase", "decrease", "assign"))


class Pyperplan(Oracle):
    """Breadth-first search: a plan with the fewest actions."""

    name = "pyperplan"
    kind = "pddl"
    family = "pyperplan"
    effort = "expansions"
    audit_steps = 20_000

    def version(self) -> str:
        try:
            return metadata.version("pyperplan")
        except metadata.PackageNotFoundError:
            raise Undecided(Reason.TOOL_MISSING, MISSING) from None

    def solve(self, problem: Problem, budget: Budget) -> Claim:
        domain, task = problem.payload.get("domain"), problem.payload.get("problem")
        if not (isinstance(domain, str) and isinstance(task, str)):
            raise MalformedProblem('a payload of kind pddl is {"domain": text, "problem": text}')
        self.version()
        _require_strips(domain)
        _require_strips(task)
        try:
            plan, expansions = _search(_ground(domain, task), budget)
        except Undecided:
            raise
        except MemoryError:
            raise Undecided(Reason.MEMORY, "pyperplan ran out of memory") from None
        except Exception as error:
            raise Undecided(Reason.TOOL_CRASHED, f"pyperplan: {type(error).__name__}: {error}"[:300]) from None
        if plan is None:
            return Claim("unsolvable", metrics={"expansions": expansions})
        metrics = {"expansions": expansions, "plan_length": len(plan), "optimality": "asserted"}
        return Claim("\n".join(step.name for step in plan), metrics=metrics)


def _require_strips(text: str) -> None:
    code = "\n".join(line.partition(";")[0] for line in text.split("\n"))
    for word in re.findall(r"[()]|[^\s()]+", code.lower()):
        if not _WORD.fullmatch(word) or word in _BEYOND or not code.isascii():
            raise Undecided(Reason.UNSUPPORTED, f"not plainly STRIPS with types: {word[:40]!r}")


def _ground(domain_text: str, problem_text: str) -> Any:
    """The ground task, its operators in an order that does not depend on hashes."""
    from pyperplan import grounding
    from pyperplan.pddl.parser import Parser

    parser = Parser(None)
    parser.domInput, parser.probInput = domain_text, problem_text
    try:
        domain = parser.parse_domain(read_from_file=False)
        problem = parser.parse_problem(domain, read_from_file=False)
    except Exception as error:
        raise Undecided(
            Reason.UNSUPPORTED, f"pyperplan cannot read it: {type(error).__name__}: {error}"[:300]
        ) from None
    objects = {**problem.objects, **domain.constants}
    if {"and", "not"} & set(domain.predicates):
        raise Undecided(Reason.UNSUPPORTED, "a predicate is named like a connective")
    population = _population(objects, len(domain.types))
    combinations = 0
    for action in domain.actions.values():
        names = {name for name, _ in action.signature}
        atoms = [*action.precondition, *action.effect.addlist, *action.effect.dellist]
        if len(names) < len(action.signature) or any(
            name not in names and name not in objects for atom in atoms for name, _ in atom.signature
        ):
            raise Undecided(Reason.UNSUPPORTED, f"a parameter of {action.name} is undeclared, or declared twice")
        combinations += prod(sum(population[of_type] for of_type in types) for _, types in action.signature)
    if combinations > GROUND_ACTIONS:
        raise Undecided(Reason.UNSUPPORTED, f"{combinations} ground actions: more than {GROUND_ACTIONS}")
    ground = grounding.ground(problem)
    ground.operators.sort(key=lambda operator: operator.name)
    return ground


def _population(objects: Mapping[str, Any], types: int) -> Counter[Any]:
    """The number of objects of each type. Pyperplan itself would walk a circle of types for ever."""
    population = Counter[Any]()
    for of_type in objects.values():
        for _ in range(types + 1):
            population[of_type] += 1
            of_type = getattr(of_type, "parent", of_type)  # a declared type "object" has a word for a parent
            if of_type is None:
                break
        else:
            raise Undecided(Reason.UNSUPPORTED, "the types do not lead up to object")
    return population


def _search(ground: Any, budget: Budget) -> tuple[list[Any] | None, int]:
    """A shortest plan, None where there is none, and the number of states expanded."""
    from pyperplan.search import breadth_first_search

    steps = EXPANSIONS if budget.steps is None else budget.steps
    deadline = time.monotonic() + budget.seconds
    most_kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss + budget.memory_mb * 1024
    successors = ground.get_successor_states
    expanded = 0

    def counted(state: frozenset[str]) -> Any:
        nonlocal expanded
        expanded += 1
        if expanded > steps:
            raise Undecided(Reason.TIMEOUT, f"more than {steps} expansions")
        if expanded % 256 == 0:
            if time.monotonic() > deadline:
                raise Undecided(Reason.TIMEOUT, f"no plan within {budget.seconds:g} s")
            if resource.getrusage(resource.RUSAGE_SELF).ru_maxrss > most_kilobytes:
                raise Undecided(Reason.MEMORY, f"more than {budget.memory_mb} MB of states")
        return successors(state)

    ground.get_successor_states = counted
    return breadth_first_search(ground), expanded


PLUGINS = (Pyperplan,)
