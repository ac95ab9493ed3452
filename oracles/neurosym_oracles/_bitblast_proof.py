"""Proofs that bit-vector scripts are unsatisfiable: the checker's own formula, refuted by CaDiCaL.

Nothing of this is trusted: the checker encodes the script again, and replays the proof against its own encoding.
"""

from __future__ import annotations

from neurosym.core import Budget, Problem, Undecided
from neurosym_oracles._cadical import lrat_proof, lrat_solver
from neurosym_oracles._kernels.bitblast import encode
from neurosym_oracles._kernels.lrat import MAX_CHARACTERS
from neurosym_oracles._kernels.smtlib_script import read_script
from neurosym_oracles._kernels.smtlib_syntax import Malformed, Unsupported
from neurosym_oracles._pysat import satisfiable

CONFLICTS = 50_000
"""The budget where none is given: more make a proof too long to replay."""


def lrat_of(problem: Problem, budget: Budget) -> str | None:
    """An LRAT proof that the problem's script, of bit-vectors and truth values, has no model.

    `budget.steps` counts conflicts. None where the script has a model or is of other sorts, where the budget is too
    small, where the proof is too long to be read, and where python-sat is missing.
    """
    script = problem.payload.get("script")
    if not isinstance(script, str):
        return None
    try:
        clauses = list(map(list, encode(read_script(script)).clauses))
        solver = lrat_solver()
    except (Malformed, Unsupported, Undecided):
        return None
    try:
        for clause in clauses:
            solver.add_clause(clause)
        steps = CONFLICTS if budget.steps is None else budget.steps
        if satisfiable(solver, Budget(steps, budget.seconds)):
            return None
        proof = lrat_proof(clauses, solver)
    except Undecided:
        return None
    finally:
        solver.delete()
    return proof if len(proof) <= MAX_CHARACTERS else None
