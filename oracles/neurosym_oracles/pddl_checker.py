"""The trusted checker of the kind `pddl`: a strict validator of plans, and the canonical form of planning problems.

Contract. Payload: {"domain": text, "problem": text}, nothing else. Answer: plan text with one `(action argument …)`
a line; or {"plan": text, "optimal": true}; or "unsolvable". What is supported and where the reader is more lenient
than the standard is said in the `_kernels.pddl_*` modules: STRIPS, types, constants, negative and disjunctive
preconditions, equality, quantifiers, conditional effects and action costs. Everything else is undecided
(unsupported), never guessed.

Verdicts: a payload that is not PDDL is malformed, with a detail that begins "problem: "; an answer that is not a plan
by its form is malformed; a plan that names actions or objects that do not exist or do not fit, that cannot be
applied or that does not reach the goal is wrong; one that does is correct. "unsolvable", and the optimality of a
valid plan, have no evidence yet and are undecided (no-evidence).

Budget: `steps` counts words of formulas looked at, a few tens for each step of a plan without quantifiers.
"""

from __future__ import annotations

import hashlib
from functools import cached_property, lru_cache

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
from neurosym_oracles._kernels.pddl_domain import Domain, parse_domain
from neurosym_oracles._kernels.pddl_graph import problem_graph
from neurosym_oracles._kernels.pddl_normal import domain_text
from neurosym_oracles._kernels.pddl_plan import Finding, check_plan, read_plan
from neurosym_oracles._kernels.pddl_problem import Task, parse_problem
from neurosym_oracles._kernels.pddl_syntax import Malformed, PddlError, Unsupported
from neurosym_oracles._kernels.pddl_world import Meter, OutOfBudget

UNSOLVABLE = "unsolvable"

DEFAULT_STEPS = 100_000_000
"""Some ten seconds; a plan of 10 MB over Blocksworld takes a fifth of it."""

_CACHED_DOMAINS = 32
_CACHED_CHARACTERS = 32_000  # longer domains are read each time, so that the cache stays below some 50 MB


class PddlChecker(Checker):
    """Judges plans by applying their steps one after the other."""

    kind = "pddl"

    def check(self, problem: Problem, claim: Claim, budget: Budget) -> Verdict:
        try:
            task = _task(problem)
            if claim.answer == UNSOLVABLE:
                return self._unsolvable(task, claim.evidence)
            plan, optimal = _plan(claim.answer)
            steps = DEFAULT_STEPS if budget.steps is None else budget.steps
            finding = check_plan(task, plan, Meter(steps, budget.seconds))
            if finding.status == "correct":
                return self._optimal(task, finding, claim.evidence) if optimal else Verdict.correct(finding.detail)
            return Verdict.wrong(finding.detail) if finding.status == "wrong" else Verdict.malformed(finding.detail)
        except MalformedProblem as error:
            return Verdict.malformed(f"problem: {error}")
        except MalformedAnswer as error:
            return Verdict.malformed(str(error))
        except Undecided as error:
            return Verdict.undecided(error.reason, error.detail)
        except Unsupported as error:
            return Verdict.undecided(Reason.UNSUPPORTED, error.message)
        except OutOfBudget as error:
            return Verdict.undecided(Reason.TIMEOUT, str(error))
        except (MemoryError, RecursionError) as error:
            return Verdict.undecided(Reason.MEMORY, type(error).__name__)

    def canonical(self, problem: Problem) -> bytes:
        graph = problem_graph(_task(problem))
        digest = _known(_texts(problem)[0]).digest
        return b"\n".join([digest, graph.text.encode(), canonical_form(graph.colours, graph.edges)])

    def conclusion(self, answer: Json) -> str:
        if answer == UNSOLVABLE:
            return UNSOLVABLE
        try:
            read_plan(_plan(answer)[0])
        except PddlError as error:
            raise MalformedAnswer(error.message) from None
        return "solvable"

    def _unsolvable(self, task: Task, evidence: Json) -> Verdict:
        """The verdict on the claim that no plan exists."""
        return Verdict.undecided(Reason.NO_EVIDENCE, "that no plan exists has no evidence that can be checked")

    def _optimal(self, task: Task, valid: Finding, evidence: Json) -> Verdict:
        """The verdict on the claim that a valid plan is optimal: in cost where that is the metric, else in length."""
        what = "cheaper" if task.minimise else "shorter"
        return Verdict.undecided(Reason.NO_EVIDENCE, f"{valid.detail}; that none is {what} has no evidence")


class _Known:
    """A domain that was read, with the digest of its normal form."""

    def __init__(self, text: str) -> None:
        self.domain: Domain = parse_domain(text)

    @cached_property
    def digest(self) -> bytes:
        return hashlib.sha256(domain_text(self.domain).encode()).hexdigest().encode()


_kept = lru_cache(maxsize=_CACHED_DOMAINS)(_Known)


def _known(text: str) -> _Known:
    """The domain that `text` describes. Keyed by the whole text, so that what is kept is what would be read."""
    return _kept(text) if len(text) <= _CACHED_CHARACTERS else _Known(text)


def _texts(problem: Problem) -> tuple[str, str]:
    """The two texts of a payload."""
    match problem.payload:
        case {"domain": str(domain), "problem": str(text), **rest} if not rest:
            return domain, text
    raise MalformedProblem('the payload must be {"domain": text, "problem": text} and nothing else')


def _task(problem: Problem) -> Task:
    """The task of a payload. Raises MalformedProblem or Undecided(UNSUPPORTED)."""
    domain, text = _texts(problem)
    where = "domain"
    try:
        known = _known(domain)
        where = "problem"
        return parse_problem(known.domain, text)
    except Malformed as error:
        raise MalformedProblem(f"{where}: {error.message}") from None
    except Unsupported as error:
        raise Undecided(Reason.UNSUPPORTED, f"{where}: {error.message}") from None


def _plan(answer: Json) -> tuple[str, bool]:
    """The plan text of an answer, and whether it is claimed to be optimal."""
    match answer:
        case str():
            return answer, False
        case {"plan": str(plan), "optimal": True, **rest} if not rest:
            return plan, True
    raise MalformedAnswer('an answer is plan text, {"plan": text, "optimal": true} or "unsolvable"')


PLUGINS = (PddlChecker,)
