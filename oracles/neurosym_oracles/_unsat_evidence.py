"""What shows that a script has no model, as far as the checker of `smtlib2` can replay it.

Nothing here is trusted: it is asked once a solver says unsat, and what it makes has passed the checker's kernel before.
"""

from __future__ import annotations

from neurosym.core import Budget, Json, Problem


def evidence_of(problem: Problem, sorts: set[str], budget: Budget) -> Json | None:
    """{"farkas": …} or {"lrat": …}; None where neither is found. `sorts`: those of the script's constants.

    `budget.steps` belongs to the solver and is not used: the effort here has a limit of its own. A search that takes
    longer than `budget.seconds` is given up.
    """
    from neurosym_oracles._bitblast_proof import lrat_of
    from neurosym_oracles._farkas_search import certificate_of

    own = Budget(None, budget.seconds, budget.memory_mb)
    if sorts <= {"Bool", "BitVec"}:
        proof = lrat_of(problem, own)
        if proof is not None:
            return {"lrat": proof}
    certificate = certificate_of(problem, own) if "BitVec" not in sorts else None
    return None if certificate is None else {"farkas": certificate}
