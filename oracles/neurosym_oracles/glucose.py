"""Glucose 4 through python-sat, with DRAT proofs: the second opinion on `cnf` (Audemard and Simon, IJCAI 2009).

It descends from MiniSat and shares no code with CaDiCaL. It looks at its budget when it restarts, so that it may spend
some hundred conflicts more than allowed, always the same number.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from neurosym.core import Budget, Claim, Oracle, Problem, Reason, Undecided
from neurosym_oracles._pysat import claim

if TYPE_CHECKING:
    from pysat.solvers import Glucose4


class Glucose(Oracle):
    name = "glucose"
    kind = "cnf"
    family = "glucose"
    effort = "conflicts"

    def version(self) -> str:
        return _version()

    def solve(self, problem: Problem, budget: Budget) -> Claim:
        return claim(problem, budget, _solver, lambda _, solver: {"drat": _proof(solver.get_proof())})


@cache
def _version() -> str:
    from importlib import metadata

    _solver().delete()
    return f"Glucose 4.1 (python-sat {metadata.version('python-sat')})"


def _solver() -> Glucose4:
    try:
        from pysat.solvers import Glucose4
    except ImportError:
        needs = "glucose needs python-sat: pip install 'neurosym-engine[solvers]'"
        raise Undecided(Reason.TOOL_MISSING, needs) from None
    return Glucose4(with_proof=True)


def _proof(steps: list[str]) -> str:
    """The steps as text. Glucose writes no empty clause for a formula that is refuted while it is read."""
    if "0" not in steps:
        steps = [*steps, "0"]
    return "\n".join(steps) + "\n"


PLUGINS = (Glucose,)
