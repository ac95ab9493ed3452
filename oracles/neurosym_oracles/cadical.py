"""CaDiCaL 1.9.5 through python-sat, with LRAT proofs (Biere, Fazekas, Fleury and Froleyks, "CaDiCaL 2.0", CAV 2024)."""

from __future__ import annotations

from functools import cache

from neurosym.core import Budget, Claim, Oracle, Problem
from neurosym_oracles._cadical import lrat_proof, lrat_solver
from neurosym_oracles._pysat import claim


class Cadical(Oracle):
    name = "cadical"
    kind = "cnf"
    family = "cadical"
    effort = "conflicts"
    default = True

    def version(self) -> str:
        return _version()

    def solve(self, problem: Problem, budget: Budget) -> Claim:
        return claim(problem, budget, lrat_solver, lambda clauses, solver: {"lrat": lrat_proof(clauses, solver)})


@cache
def _version() -> str:
    from importlib import metadata

    lrat_solver().delete()
    return f"CaDiCaL 1.9.5 (python-sat {metadata.version('python-sat')})"


PLUGINS = (Cadical,)
