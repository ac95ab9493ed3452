"""The trusted checker of the kind `pddl`: a strict validator of plans, and the canonical form of planning problems.

Contract. Payload: {"domain": text, "problem": text}, nothing else. Answer: plan text with one `(action argument …)`
a line; or {"plan": text, "optimal": true}; or "unsolvable". What is supported and where the reader is more lenient
than the standard is said in the `_kernels.pddl_*` modules: STRIPS, types, constants, negative and disjunctive
preconditions, equality, quantifiers, conditional effects and action costs. Everything else is undecided
(unsupported), never guessed.

Verdicts: a payload that is not PDDL is malformed, with a detail that begins "problem: "; an answer that is not a plan
by its form is malformed; a plan that names actions or objects that do not exist or do not fit, that cannot be
applied or that does not reach the goal is wrong; one that does is correct. A plan is optimal if none costs less where
the problem has a metric, else if none is shorter. That, and "unsolvable", need no evidence and believe none: all states
that matter are searched here, so that such a claim is proved, or refuted by a plan that must not exist. Where the
budget does not suffice for the search, it is undecided (timeout, or memory).

Budget: `steps` counts words of formulas looked at, a few tens for each step of a plan without quantifiers, and as many
once more for a search: some tens for each state, and for each instance of an action. `memory_mb` limits the states.
"""

from __future__ import annotations

import hashlib
from fractions import Fraction
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
from neurosym_oracles._kernels.pddl_ground import ground
from neurosym_oracles._kernels.pddl_normal import domain_text
from neurosym_oracles._kernels.pddl_plan import Finding, check_plan, read_plan
from neurosym_oracles._kernels.pddl_problem import TOTAL_COST, Task, parse_problem
from neurosym_oracles._kernels.pddl_search import BYTES_A_STATE, TooManyStates, cheapest
from neurosym_oracles._kernels.pddl_syntax import Malformed, PddlError, Unsupported
from neurosym_oracles._kernels.pddl_world import Meter, OutOfBudget

UNSOLVABLE = "unsolvable"

DEFAULT_STEPS = 100_000_000
"""Some ten seconds, or one and a half million states; a plan of 10 MB over Blocksworld takes a fifth of it."""

_CACHED_DOMAINS = 32
_CACHED_SEARCHES = 256
_CACHED_CHARACTERS = 32_000  # longer domains are read each time, so that the cache stays below some 50 MB


class PddlChecker(Checker):
    """Judges plans by applying their steps one after the other, and what is said of all plans by searching for one."""

    kind = "pddl"

    def check(self, problem: Problem, claim: Claim, budget: Budget) -> Verdict:
        try:
            task = _task(problem)
            if claim.answer == UNSOLVABLE:
                return _unsolvable(problem, task, budget)
            plan, optimal = _plan(claim.answer)
            finding = check_plan(task, plan, Meter(_steps(budget), budget.seconds))
            if finding.status == "correct":
                return _optimal(problem, task, finding, budget) if optimal else Verdict.correct(finding.detail)
            return Verdict.wrong(finding.detail) if finding.status == "wrong" else Verdict.malformed(finding.detail)
        except MalformedProblem as error:
            return Verdict.malformed(f"problem: {error}")
        except MalformedAnswer as error:
            return Verdict.malformed(str(error))
        except Undecided as error:
            return Verdict.undecided(error.reason, error.detail)
        except Unsupported as error:
            return Verdict.undecided(Reason.UNSUPPORTED, error.message)
        except TooManyStates as error:
            return Verdict.undecided(Reason.MEMORY, str(error))
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


def _unsolvable(problem: Problem, task: Task, budget: Budget) -> Verdict:
    """The verdict on the claim that no plan exists."""
    found = _cheaper(problem, None, budget)
    if found is None:
        return Verdict.correct("no plan exists: every state that can be reached was searched")
    return Verdict.wrong(f"a plan {_of(task, found)} exists")


def _optimal(problem: Problem, task: Task, valid: Finding, budget: Budget) -> Verdict:
    """The verdict on the claim that a valid plan is optimal."""
    spent = Fraction(valid.length) if valid.cost is None or not task.minimise else valid.cost - task.values[TOTAL_COST]
    found = _cheaper(problem, spent, budget)
    if found is None:
        return Verdict.correct(f"{valid.detail}; none is {'cheaper' if task.minimise else 'shorter'}")
    return Verdict.wrong(f"{valid.detail}, but one {_of(task, found)} exists")


def _of(task: Task, spent: Fraction) -> str:
    """How a plan is described whose steps cost `spent`."""
    return f"of cost {task.values[TOTAL_COST] + spent}" if task.minimise else f"of {spent} steps"


def _cheaper(problem: Problem, below: Fraction | None, budget: Budget) -> Fraction | None:
    """What the steps of a cheapest plan cost; None if none costs less than `below`, or none exists."""
    texts = _texts(problem)
    search = _kept_searches if sum(map(len, texts)) <= _CACHED_CHARACTERS else _search
    return search(*texts, below, _steps(budget), budget.seconds, (budget.memory_mb << 20) // BYTES_A_STATE)


def _search(
    domain: str, text: str, below: Fraction | None, steps: int, seconds: float, most_states: int
) -> Fraction | None:
    meter = Meter(steps, seconds)
    return cheapest(ground(parse_problem(_known(domain).domain, text), meter), below, meter, most_states)


_kept_searches = lru_cache(maxsize=_CACHED_SEARCHES)(_search)
"""Keyed by all that a result depends on. A search that was stopped is not kept."""


def _steps(budget: Budget) -> int:
    return DEFAULT_STEPS if budget.steps is None else budget.steps


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
