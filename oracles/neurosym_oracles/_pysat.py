"""What the solvers of python-sat have in common: reading DIMACS, solving within a budget, writing the model down.

The reader is not the checker's, so that a misreading by one of the two comes to light as a claim that is not proved.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from neurosym.core import Budget, Claim, Json, MalformedProblem, Problem, Reason, Undecided

Clauses: TypeAlias = list[list[int]]

MAX_VARIABLES = 1_000_000

CONFLICTS = 1_000_000
"""The budget where none is given."""

SLICE = 10_000
"""Conflicts between two looks at the clock. The search restarts there, so this is part of what fixes the answer."""

_HEADER = re.compile(r"^p\s+cnf\s+([0-9]{1,18})\s+[0-9]+\s*$", re.MULTILINE)


def claim(
    problem: Problem, budget: Budget, start: Callable[[], Any], evidence: Callable[[Clauses, Any], Json]
) -> Claim:
    """What a fresh solver says of a problem; `evidence` writes down its proof where it says unsat."""
    variables, clauses = read(problem)
    solver = start()
    try:
        for clause in clauses:
            solver.add_clause(clause)
        sat = satisfiable(solver, budget)
        metrics = solver.accum_stats()
        if sat:
            return Claim(answer(variables, solver.get_model()), metrics=metrics)
        return Claim("unsat", evidence(clauses, solver), metrics)
    finally:
        solver.delete()


def read(problem: Problem) -> tuple[int, Clauses]:
    """The number of variables, and the clauses. Raises MalformedProblem, and Undecided for too many variables."""
    text = problem.payload.get("dimacs")
    header = _HEADER.search(text) if isinstance(text, str) else None
    if header is None or not isinstance(text, str):
        raise MalformedProblem("no DIMACS text with a header 'p cnf <variables> <clauses>'")
    variables = int(header[1])
    if variables > MAX_VARIABLES:
        raise Undecided(Reason.UNSUPPORTED, f"{variables} variables, more than {MAX_VARIABLES}")
    body = text[header.end() :]
    if "\nc" in body:
        body = re.sub("^c.*$", "", body, flags=re.MULTILINE)
    try:
        literals = list(map(int, body.partition("%")[0].split()))
    except ValueError as error:
        raise MalformedProblem(f"not DIMACS: {error}") from None
    if literals and (literals[-1] or max(map(abs, literals)) > variables):
        raise MalformedProblem("not DIMACS: a clause without 0, or a variable beyond the header's")
    clauses, start = [], 0
    for _ in range(literals.count(0)):
        end = literals.index(0, start)
        clauses.append(literals[start:end])
        start = end + 1
    return variables, clauses


def satisfiable(solver: Any, budget: Budget) -> bool:
    """Whether the clauses given to a solver are satisfiable, as far as it says. Raises Undecided(TIMEOUT)."""
    conflicts = CONFLICTS if budget.steps is None else max(1, budget.steps)  # to python-sat, 0 means no limit
    deadline = time.monotonic() + budget.seconds
    for spent in range(0, conflicts, SLICE):
        if time.monotonic() > deadline:
            raise Undecided(Reason.TIMEOUT, f"not solved within {budget.seconds} seconds")
        solver.conf_budget(min(SLICE, conflicts - spent))
        result = solver.solve_limited()
        if result is not None:
            return bool(result)
    raise Undecided(Reason.TIMEOUT, f"not solved within {conflicts} conflicts")


def answer(variables: int, model: Sequence[int]) -> Json:
    """A model as an answer. Variables that the solver left open are false."""
    true = set(model)
    return {"sat": [variable if variable in true else -variable for variable in range(1, variables + 1)]}
