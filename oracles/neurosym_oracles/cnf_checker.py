"""The checker of kind `cnf`: payload `{"dimacs": text}`, answer `{"sat": [literals]}` or `"unsat"`.

A model that has every variable once is evaluated; evidence that comes with it is not read, as it could add nothing.
`"unsat"` needs the evidence `{"drat": text}` or `{"lrat": text}`. A proof with a gap leaves it undecided, since a gap
says nothing about the formula; a text that is no proof at all is malformed. A bare `"sat"` is undecided.

One step of `Budget.steps` buys `VISITS` visits of literals, so that conflicts that sufficed to find a proof suffice to
replay it.
"""

from __future__ import annotations

from collections.abc import Mapping

from neurosym.canonical import canonical_form
from neurosym.core import (
    Budget,
    Checker,
    Claim,
    Json,
    MalformedAnswer,
    MalformedProblem,
    Problem,
    Reason,
    Undecided,
    Verdict,
)
from neurosym_oracles._kernels.cnf import (
    DimacsError,
    Finding,
    Formula,
    Meter,
    Outcome,
    TooLarge,
    check_model,
    parse_dimacs,
)
from neurosym_oracles._kernels.drat import check_drat
from neurosym_oracles._kernels.lrat import check_lrat

VISITS = 100_000
"""Visits of literals for one step: some 10 milliseconds."""

DEFAULT_STEPS = 1000

_REPLAYS = {"drat": check_drat, "lrat": check_lrat}


class CnfChecker(Checker):
    kind = "cnf"

    def check(self, problem: Problem, claim: Claim, budget: Budget) -> Verdict:
        try:
            return _verdict(_finding(_formula(problem), claim, budget))
        except MalformedProblem as error:
            return Verdict.malformed(f"problem: {error}")
        except Undecided as error:
            return Verdict.undecided(error.reason, error.detail)
        except (MemoryError, RecursionError) as error:
            return Verdict.undecided(Reason.MEMORY, type(error).__name__)

    def canonical(self, problem: Problem) -> bytes:
        """Equal for formulas that differ in the order of clauses and literals, names and polarities of variables, or
        repeated literals and clauses. Variables in no clause count.

        The graph has two vertices for each variable, joined, and one for each clause, joined to its literals.
        """
        formula = _formula(problem)
        clauses = set(map(frozenset, formula.clauses))
        literals = 2 * formula.variables
        edges = [(literal ^ flip, literal ^ flip ^ 1, 1) for literal in range(0, literals, 2) for flip in (0, 1)]
        for vertex, clause in enumerate(clauses, literals):
            edges += [(vertex, 2 * abs(literal) - 2 + (literal < 0), 0) for literal in clause]
        return canonical_form(["literal"] * literals + ["clause"] * len(clauses), edges)

    def conclusion(self, answer: Json) -> str:
        if isinstance(answer, str) and answer in ("sat", "unsat"):
            return answer
        if isinstance(answer, dict) and answer.keys() == {"sat"}:
            return "sat"
        raise MalformedAnswer('want {"sat": [literals]} or "unsat"')


def _formula(problem: Problem) -> Formula:
    payload = problem.payload
    if not isinstance(payload, Mapping) or payload.keys() != {"dimacs"} or not isinstance(payload["dimacs"], str):
        raise MalformedProblem('want the payload {"dimacs": text}')
    try:
        return parse_dimacs(payload["dimacs"])
    except DimacsError as error:
        raise MalformedProblem(str(error)) from None
    except TooLarge as error:
        raise Undecided(Reason.UNSUPPORTED, str(error)) from None


def _finding(formula: Formula, claim: Claim, budget: Budget) -> Finding:
    answer, evidence = claim.answer, claim.evidence
    if isinstance(answer, dict) and answer.keys() == {"sat"}:
        return check_model(formula, answer["sat"])
    if answer == "sat":
        return Finding(Outcome.UNPROVED, "sat without a model")
    if answer != "unsat":
        return Finding(Outcome.MALFORMED, 'want {"sat": [literals]} or "unsat"')
    if evidence is None:
        return Finding(Outcome.UNPROVED, "unsat without a proof")
    if not isinstance(evidence, dict) or len(evidence) != 1 or not evidence.keys() <= _REPLAYS.keys():
        return Finding(Outcome.MALFORMED, 'want the evidence {"drat": text} or {"lrat": text}')
    ((form, proof),) = evidence.items()
    if not isinstance(proof, str):
        return Finding(Outcome.MALFORMED, "the proof is not a text")
    steps = DEFAULT_STEPS if budget.steps is None else budget.steps
    return _REPLAYS[form](formula, proof, Meter(steps * VISITS, budget.seconds))


def _verdict(finding: Finding) -> Verdict:
    outcome, detail = finding
    if outcome is Outcome.HOLDS:
        return Verdict.correct(detail)
    if outcome is Outcome.FAILS:
        return Verdict.wrong(detail)
    if outcome is Outcome.MALFORMED:
        return Verdict.malformed(detail)
    return Verdict.undecided(_REASONS[outcome], detail)


_REASONS = {
    Outcome.UNPROVED: Reason.NO_EVIDENCE,
    Outcome.EXHAUSTED: Reason.TIMEOUT,
    Outcome.TOO_LARGE: Reason.UNSUPPORTED,
}

PLUGINS = (CnfChecker,)
