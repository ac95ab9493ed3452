"""The one road from a text or an answer to a verdict: evaluate, reward, serve and check all take it.

Contract: nothing here decides by itself. A claim goes to its kind's checker; where the checker lacks evidence, a
record that was proved before lends its own: once that is replayed, an answer that states its bare conclusion is
correct, and one of another conclusion is wrong.
"""

from __future__ import annotations

from neurosym import registry
from neurosym.core import Budget, Checker, Claim, MalformedAnswer, MalformedProblem, Problem, Reason, Record, Verdict
from neurosym.errors import UsageError

MAX_TEXT = 1 << 20
"""The longest text that is parsed, in characters; a longer one is malformed."""

DEFAULT_BUDGET = Budget()


def judge(record: Record, text: str, budget: Budget = DEFAULT_BUDGET) -> Verdict:
    """The verdict on a model's `text` as an answer to the record's problem."""
    domain = registry.domains().get(record.problem.domain)
    if domain is None:
        raise UsageError(f"domain {record.problem.domain!r} is not installed: its answers cannot be parsed")
    if len(text) > MAX_TEXT:
        return Verdict.malformed(f"text of {len(text)} characters, more than {MAX_TEXT}")
    try:
        answer = domain().parse(record.problem, text)
    except MalformedAnswer as error:
        return Verdict.malformed(str(error))
    except MalformedProblem as error:
        return Verdict.malformed(f"problem: {error}")
    except (RecursionError, MemoryError) as error:
        return Verdict.undecided(Reason.MEMORY, type(error).__name__)
    except Exception as error:  # a parser that breaks says nothing about the text
        return Verdict.undecided(Reason.TOOL_CRASHED, f"parser of {domain.name}: {type(error).__name__}: {error}"[:300])
    return judge_answer(record.problem, Claim(answer), budget, proved=record.claim)


def judge_answer(
    problem: Problem, claim: Claim, budget: Budget = DEFAULT_BUDGET, proved: Claim | None = None
) -> Verdict:
    """The checker's verdict on a claim, with the evidence of `proved`, a claim of the same problem, to help.

    `proved` is checked again before it is used, so a forged record proves nothing.
    """
    checker = registry.checker(problem.kind)
    bare = claim.evidence is None and isinstance(claim.answer, str)
    if bare and proved is not None and claim.answer == proved.answer:  # what evidence there is decides at once
        lent = _checked(checker, problem, proved, budget)
        return lent if lent.proved else _checked(checker, problem, claim, budget)
    verdict = _checked(checker, problem, claim, budget)
    if verdict.reason is not Reason.NO_EVIDENCE or proved is None:
        return verdict
    lent = _checked(checker, problem, proved, budget)
    if not lent.proved:
        return verdict
    said, known = checker.conclusion(claim.answer), checker.conclusion(proved.answer)
    if said != known:
        return Verdict.wrong(f"proved {known}")
    return lent if claim.answer == said else verdict


def _checked(checker: Checker, problem: Problem, claim: Claim, budget: Budget) -> Verdict:
    try:
        return checker.check(problem, claim, budget)
    except (RecursionError, MemoryError) as error:
        return Verdict.undecided(Reason.MEMORY, type(error).__name__)
    except Exception as error:  # a checker that breaks says nothing about the claim, nor about those after it
        crash = f"checker of {problem.kind}: {type(error).__name__}: {error}"
        return Verdict.undecided(Reason.TOOL_CRASHED, crash[:300])
