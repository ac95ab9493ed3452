"""A worker's side of the pipeline: sample and canonise problems; solve, check and render them.

Contract: item `i` of a job depends on the job's seed path and on `i` alone. Whatever goes wrong with one problem is a
row with its status and reason; only a domain that cannot sample ends the run.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

from neurosym import registry
from neurosym.core import (
    Claim,
    MalformedAnswer,
    MalformedProblem,
    Problem,
    Reason,
    Record,
    Undecided,
    Verdict,
    canonical_json,
    digest,
    stream,
)
from neurosym.errors import UsageError
from neurosym.job import Job, Source

if TYPE_CHECKING:
    import pyarrow as pa


NO_CLAIM = Claim(None)

RECENT = 16
"""Spans whose proposals a worker keeps: more than are ever under way between proposing and labelling."""


@dataclass(frozen=True)
class Proposal:
    """Item `item` before it is solved. `rejected` is set where the problem itself is no good."""

    item: int
    seed_path: str
    problem: Problem
    canonical_id: str = ""
    rejected: Verdict | None = None


@dataclass(frozen=True)
class Span:
    """Consecutive items of a job; where they are a user's own problems, `sources` has one for each."""

    items: range
    job: Job
    sources: tuple[Source, ...] | None = None


_recent: deque[tuple[Span, list[Proposal]]] = deque(maxlen=RECENT)


def propose(span: Span) -> list[Proposal]:
    """Sample each item, or take it from the sources, and find its canonical form.

    What was proposed last is kept, so that a worker that labels what it proposed does not sample it again.
    """
    for known, proposals in _recent:
        if known == span:
            return proposals
    proposals = [_proposal(span, item) for item in span.items]
    _recent.append((span, proposals))
    return proposals


def _proposal(span: Span, item: int) -> Proposal:
    if span.sources is None:
        return _sampled(span.job, item)
    return _given(item, span.sources[item - span.items.start])


def canonical_ids(span: Span) -> list[str]:
    """The canonical id of each item, "" where it has none: all that deciding what to label takes."""
    return [proposal.canonical_id for proposal in propose(span)]


def _sampled(job: Job, item: int) -> Proposal:
    path = [job.domain.name, job.domain.version, job.domain.knobs(), job.seed, item]
    try:
        problem = job.domain.sample(stream(*path))
    except ValueError as error:
        raise UsageError(f"{job.domain.name}: {error}") from None
    return _canonised(Proposal(item, canonical_json(path), problem))


def _given(item: int, source: Source) -> Proposal:
    proposal = Proposal(item, canonical_json(["from", source.path, item]), source.problem)
    if source.error:
        return replace(proposal, rejected=Verdict.malformed(source.error))
    return _canonised(proposal)


def _canonised(proposal: Proposal) -> Proposal:
    problem = proposal.problem
    try:
        return replace(proposal, canonical_id=canonical_id(problem))
    except MalformedProblem as error:
        return replace(proposal, rejected=Verdict.malformed(f"problem: {error}"))
    except Undecided as error:
        return replace(proposal, rejected=Verdict.undecided(error.reason, error.detail))


def canonical_id(problem: Problem) -> str:
    """Hash of the canonical form: equal for isomorphic problems, of whatever domain. Raises what `canonical` does."""
    return digest(f"{problem.kind}:{registry.checker(problem.kind).canonical(problem).hex()}")


def label(span: Span, chosen: Sequence[int]) -> pa.Table:
    """Solve and check the chosen items of a span: their rows with digests, one for each, in order."""
    from neurosym.rows import table_with_digests

    return table_with_digests([_row(span.job, proposal) for proposal in _chosen(span, chosen)])


def _chosen(span: Span, chosen: Sequence[int]) -> Iterator[Proposal]:
    for known, proposals in _recent:
        if known == span:
            return (proposals[item - span.items.start] for item in chosen)
    return (_proposal(span, item) for item in chosen)


def _row(job: Job, proposal: Proposal) -> dict[str, Any]:
    from neurosym.rows import to_row

    try:
        return to_row(_labelled(job, proposal))
    except ValueError as error:
        reason = Verdict.undecided(Reason.TOOL_CRASHED, f"{job.oracle} made a claim that is not plain JSON: {error}")
        return to_row(_record(job, proposal, reason))


@cache
def _version(oracle: str) -> str:
    return registry.oracle(oracle).version()


def _record(
    job: Job,
    proposal: Proposal,
    verdict: Verdict,
    claim: Claim = NO_CLAIM,
    version: str = "",
    prompt: str = "",
    completion: str = "",
    difficulty: int | None = None,
) -> Record:
    return Record(
        problem=proposal.problem,
        prompt=prompt,
        completion=completion,
        claim=claim,
        verdict=verdict,
        canonical_id=proposal.canonical_id,
        oracle=job.oracle,
        oracle_version=version,
        seed_path=proposal.seed_path,
        difficulty=difficulty,
    )


def _labelled(job: Job, proposal: Proposal) -> Record:
    problem, domain = proposal.problem, job.domain
    if proposal.rejected is not None:
        return _record(job, proposal, proposal.rejected)
    try:
        oracle, version = registry.oracle(job.oracle), _version(job.oracle)
        prompt = domain.prompt(problem)
        claim = domain.claimed(problem, oracle.solve(problem, job.budget))
    except Undecided as error:
        return _record(job, proposal, Verdict.undecided(error.reason, error.detail))
    except MalformedProblem as error:
        return _record(job, proposal, Verdict.malformed(f"problem: {error}"))
    except MemoryError:
        return _record(job, proposal, Verdict.undecided(Reason.MEMORY))
    except Exception as error:  # an oracle that breaks is a fact about the oracle, not the end of the run
        crash = f"{type(error).__name__}: {error}"[:500]
        return _record(job, proposal, Verdict.undecided(Reason.TOOL_CRASHED, crash))
    verdict = registry.checker(problem.kind).check(problem, claim, job.budget)
    if not verdict.proved:
        return _record(job, proposal, verdict, claim, version, prompt)
    try:
        completion = domain.render(problem, claim.answer)
        stated = domain.parse(problem, completion)
    except MalformedAnswer as error:
        completion, stated = "", error
    if stated != claim.answer:
        # The answer is proved, but a model is trained on its text.
        verdict = Verdict.malformed(f"{domain.name} does not parse what it rendered: {stated}"[:500])
        return _record(job, proposal, verdict, claim, version, prompt)
    effort = claim.metrics.get(oracle.effort)
    difficulty = effort if isinstance(effort, int) else None
    return _record(job, proposal, verdict, claim, version, prompt, completion, difficulty)


def give_up(span: Span, chosen: Sequence[int]) -> pa.Table:
    """The rows of items that took their worker down."""
    from neurosym.rows import table_with_digests, to_row

    verdict = Verdict.undecided(Reason.TOOL_CRASHED, "the worker died of this problem, also when tried again")
    return table_with_digests([to_row(_record(span.job, each, verdict)) for each in _chosen(span, chosen)])
